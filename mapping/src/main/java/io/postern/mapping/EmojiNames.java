package io.postern.mapping;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The emoji behind the names that people type between colons. Names are those that GitHub and Slack
 * share; spec/content-types.md §10.9, "Shortcode schema".
 */
final class EmojiNames {
  private static final String TABLE =
      """
      +1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 ok_hand 👌 clap 👏 wave 👋 pray 🙏 raised_hands 🙌
      muscle 💪 point_up ☝️ point_down 👇 point_left 👈 point_right 👉 point_up_2 👆 fist ✊
      facepunch 👊 punch 👊 v ✌️ crossed_fingers 🤞 metal 🤘 call_me_hand 🤙 handshake 🤝
      raised_hand ✋ open_hands 👐 writing_hand ✍️ eyes 👀 brain 🧠 ear 👂
      smile 😄 smiley 😃 grinning 😀 grin 😁 laughing 😆 satisfied 😆 sweat_smile 😅 joy 😂
      rofl 🤣 rolling_on_the_floor_laughing 🤣 slightly_smiling_face 🙂 upside_down_face 🙃 wink 😉
      blush 😊 innocent 😇 heart_eyes 😍 star_struck 🤩 kissing_heart 😘 kissing 😗 relaxed ☺️
      yum 😋 stuck_out_tongue 😛 stuck_out_tongue_winking_eye 😜 zany_face 🤪 money_mouth_face 🤑
      hugs 🤗 hugging_face 🤗 thinking 🤔 thinking_face 🤔 zipper_mouth_face 🤐 raised_eyebrow 🤨
      neutral_face 😐 expressionless 😑 no_mouth 😶 smirk 😏 unamused 😒 roll_eyes 🙄
      face_with_rolling_eyes 🙄 grimacing 😬 relieved 😌 pensive 😔 sleepy 😪 sleeping 😴 mask 😷
      nerd_face 🤓 sunglasses 😎 cowboy_hat_face 🤠 partying_face 🥳 confused 😕 worried 😟
      frowning_face ☹️ slightly_frowning_face 🙁 open_mouth 😮 hushed 😯 astonished 😲 flushed 😳
      pleading_face 🥺 frowning 😦 anguished 😧 fearful 😨 cold_sweat 😰 cry 😢 sob 😭 scream 😱
      confounded 😖 persevere 😣 disappointed 😞 sweat 😓 weary 😩 tired_face 😫 yawning_face 🥱
      triumph 😤 rage 😡 pout 😡 angry 😠 exploding_head 🤯 smiling_imp 😈 imp 👿 skull 💀
      hankey 💩 poop 💩 shit 💩 clown_face 🤡 ghost 👻 alien 👽 robot 🤖 see_no_evil 🙈
      hear_no_evil 🙉 speak_no_evil 🙊 face_palm 🤦 facepalm 🤦 shrug 🤷 salute 🫡
      saluting_face 🫡 melting_face 🫠 heart ❤️ orange_heart 🧡 yellow_heart 💛 green_heart 💚
      blue_heart 💙 purple_heart 💜 black_heart 🖤 white_heart 🤍 broken_heart 💔 two_hearts 💕
      sparkling_heart 💖 heartbeat 💓 heartpulse 💗 cupid 💘 heart_hands 🫶 kiss 💋 100 💯
      boom 💥 collision 💥 dizzy 💫 sweat_drops 💦 dash 💨 zzz 💤 speech_balloon 💬
      white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ no_entry ⛔
      no_entry_sign 🚫 warning ⚠️ question ❓ exclamation ❗ heavy_exclamation_mark ❗ bangbang ‼️
      heavy_plus_sign ➕ heavy_minus_sign ➖ o ⭕ red_circle 🔴 green_circle 🟢 large_blue_circle 🔵
      fire 🔥 star ⭐ star2 🌟 sparkles ✨ zap ⚡ sunny ☀️ rainbow 🌈 snowflake ❄️ snowman ⛄
      ocean 🌊 rose 🌹 tulip 🌷 sunflower 🌻 seedling 🌱 four_leaf_clover 🍀 evergreen_tree 🌲
      tada 🎉 confetti_ball 🎊 balloon 🎈 gift 🎁 birthday 🎂 cake 🍰 trophy 🏆 medal_sports 🏅
      1st_place_medal 🥇 crown 👑 gem 💎 rocket 🚀 airplane ✈️ car 🚗 bike 🚲 train 🚆 house 🏠
      beers 🍻 beer 🍺 wine_glass 🍷 champagne 🍾 clinking_glasses 🥂 coffee ☕ tea 🍵 pizza 🍕
      hamburger 🍔 popcorn 🍿 cookie 🍪 apple 🍎 banana 🍌 avocado 🥑 taco 🌮
      dog 🐶 cat 🐱 fox_face 🦊 bear 🐻 panda_face 🐼 monkey_face 🐵 unicorn 🦄 bee 🐝 bug 🐛
      butterfly 🦋 turtle 🐢 whale 🐳 dolphin 🐬 penguin 🐧 owl 🦉
      soccer ⚽ basketball 🏀 dart 🎯 game_die 🎲 video_game 🎮 guitar 🎸 musical_note 🎵 art 🎨
      book 📖 books 📚 pencil2 ✏️ memo 📝 pushpin 📌 paperclip 📎 link 🔗 lock 🔒 unlock 🔓 key 🔑
      bulb 💡 hammer 🔨 wrench 🔧 gear ⚙️ package 📦 mailbox 📫 email 📧 envelope ✉️ phone ☎️
      iphone 📱 computer 💻 calendar 📅 alarm_clock ⏰ hourglass ⌛ bell 🔔 mega 📣 loudspeaker 📢
      chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 moneybag 💰 dollar 💵
      money_with_wings 💸 credit_card 💳 globe_with_meridians 🌐 earth_africa 🌍 moon 🌔
      checkered_flag 🏁 triangular_flag_on_post 🚩 white_flag 🏳️ rainbow_flag 🏳️‍🌈
      """;

  private static final Map<String, String> EMOJI = read();

  private EmojiNames() {}

  private static Map<String, String> read() {
    var words = TABLE.strip().split("\\s+");
    var emoji = new HashMap<String, String>();
    for (int i = 0; i + 1 < words.length; i += 2) {
      emoji.put(words[i], words[i + 1]);
    }
    return Map.copyOf(emoji);
  }

  /** The emoji of a name, with or without colons, of either case; empty if the name is unknown. */
  static Optional<String> emoji(String name) {
    var bare = name.strip().toLowerCase(Locale.ROOT);
    if (bare.length() > 2 && bare.startsWith(":") && bare.endsWith(":")) {
      bare = bare.substring(1, bare.length() - 1);
    }
    return Optional.ofNullable(EMOJI.get(bare));
  }

  /** All that there are, for a test that each is one emoji. */
  static Map<String, String> all() {
    return EMOJI;
  }
}
