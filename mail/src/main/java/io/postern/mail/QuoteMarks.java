package io.postern.mail;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lines that mail clients put around what the author wrote: separators, copied headers, signature
 * marks, advertisements of telephones, footers of lists. {@code spec/content-types.md} §10.8.
 */
final class QuoteMarks {
  private static final Pattern SEPARATOR =
      pattern(
          "[\\s*_>]*[-\\u2010-\\u2015]{2,}[ \\u00a0]{0,3}(?:original[- ]?message|ursprüngliche"
              + " nachricht|original-?nachricht|message d['’]origine|message original|mensaje"
              + " original|messaggio originale|oorspronkelijk bericht|mensagem"
              + " original|originalmeddelande|ursprungligt meddelande|oprindelig"
              + " (?:besked|meddelelse)|opprinnelig melding|alkuperäinen viesti|исходное"
              + " сообщение|оригинальное сообщение|wiadomość oryginalna|oryginalna"
              + " wiadomość|původní zpráva|eredeti üzenet|orijinal (?:mesaj|ileti)|вихідне"
              + " повідомлення|початкове повідомлення|הודעה מקורית|الرسالة الأصلية|mesaj(?:ul)?"
              + " original|αρχικό μήνυμα|pôvodná správa|původní e-mail|izvorna poruka|originalna"
              + " poruka|izvirno sporočilo|оригинално (?:съобщение|писмо)|изходно"
              + " съобщение|оригинална порука|missatge original|pesan asli|thư gốc|tin nhắn"
              + " gốc|algne teade|pradinis laiškas|originalus laiškas|sākotnējais"
              + " ziņojums|ข้อความต้นฉบับ|پیام اصلی|मूल संदेश|原始邮件|原始郵件|元のメッセージ|원본 메시지|원본 메일)["
              + " \\u00a0]{0,3}[-\\u2010-\\u2015]{2,}[\\s*_]*"
              // QQ's; a word of every day, so its line must be long.
              + "|-{12,}[ \\u00a0]{0,3}original[ \\u00a0]{0,3}-{12,}");

  private static final Pattern FORWARD =
      pattern(
          "[\\s*_-]*(?:begin forwarded message|forwarded message|weitergeleitete nachricht|anfang"
              + " der weitergeleiteten nachricht|(?:début du )?message"
              + " (?:transféré|réexpédié)|(?:inicio del )?mensaje reenviado|(?:inizio )?messaggio"
              + " inoltrato|mensagem encaminhada|doorgestuurd bericht|vidarebefordrat"
              + " (?:brev|meddelande)|videresendt (?:besked|melding)|пересылаемое"
              + " сообщение|пересланное сообщение|wiadomość przekazana|przekazana"
              + " wiadomość|přeposlaná zpráva|välitetty viesti|iletilen (?:mesaj|ileti)|переслане"
              + " повідомлення|továbbított üzenet|mesaj(?:ul)? redirecționat|προωθημένο"
              + " μήνυμα|preposlaná správa|proslijeđena poruka|препратено съобщение|missatge"
              + " reenviat|pesan (?:terusan|yang diteruskan)|thư (?:được|đã) chuyển"
              + " tiếp|ข้อความที่ส่งต่อ|persiųstas laiškas|edelleenlähetetty viesti|転送されたメッセージ|전달된"
              + " 메일|转发的邮件|转发邮件|轉寄的郵件|転送メッセージ|전달된 메시지|הודעה שהועברה|رسالة معاد"
              + " توجيهها)[\\s*_:：-]*");

  private static final String SENDER =
      "From|Von|De|Fra|Från|Van|Da|От|От кого|发件人|寄件者|Od|Lähettäjä|Kimden|Feladó|Від|差出人|送信者|寄件人"
          + "|보낸 ?사람|מאת|من|De la|Od koga|Από|Nuo|Saatja|Šalje|Kas|Từ|Dari|จาก|فرستنده|از|प्रेषक";

  private static final Pattern HEADER_LINE =
      pattern(
          "\\s*[*_]{0,2}(?:"
              + SENDER
              + "|Sent|Date|Gesendet|Envoyé(?: le)?|Enviad[oa](?: el|"
              + " em)?|Inviato|Verzonden|Skickat|Sendt|Datum|Data|Dato|Дата|Отправлено|发送时间|日期|Fecha|Wysłano|Message"
              + " du|To|An|À|A|Para|Till|Til|Aan|Кому|收件人|Do|Cc|Kopie|Copie(?: à)?|Kopi|Копия|抄送"
              + "|Subject|Betreff|Objet|Asunto|Oggetto|Onderwerp|Ämne|Emne|Assunto|Тема|主题|主旨"
              + "|Temat|Sujet|Odesláno|Komu|Předmět|Lähetetty|Vastaanottaja|Aihe|Gönderildi|Gönderilme|Tarih|Kime|Konu|Надіслано|送信日時|日付|宛先|件名|보낸"
              + " 날짜|받는 사람|제목"
              + "|Odoslané|Predmet|Elküldve|Küldve|Címzett|Tárgy|Trimis|Către|Subiect|Изпратено(?:"
              + " на)?|До|Относно|Στάλθηκε|Αποστολή|Ημερομηνία|Προς|Θέμα|Poslano|Prima|Za|Zadeva|Послато|За|Išsiųsta|Kam|Saadetud|Adressaat|Teema|Đã"
              + " gửi|Ngày|Tới|Đến|Chủ"
              + " đề|Dikirim|Tanggal|Kepada|Ke|Subjek|Perihal|ส่ง(?:เมื่อ)?|วันที่|ถึง|เรื่อง|ชื่อเรื่อง|ارسال|تاریخ|گیرنده|به|موضوع|भेजा"
              + " गया|दिनांक|प्रति|विषय|Enviat|Per a|Assumpte|Wysłane|Ogg|받는 ?사람|보낸"
              + " ?(?:날짜|시간)|날짜|참조|主\u3000题|副本|נשלח|תאריך|אל|נושא|تاريخ"
              + " الإرسال|التاريخ|إلى|الموضوع|寄件日期|收件者|Reply-To|Répondre"
              + " à|Risposta|Importance)[*_]{0,2} ?[:：].*");

  private static final Pattern SENDER_LINE =
      pattern("\\s*[*_]{0,2}(?:" + SENDER + ")[*_]{0,2} ?[:：].*");

  private static final Pattern SIGNATURE = pattern("--(?:=20|[ \\u00a0]{1,3})");
  private static final Pattern BARE_SIGNATURE = pattern("(?:--|[—–])");
  private static final Pattern LIST_FOOTER = pattern("_{40,}\\s*");

  private static final Pattern UNDERSCORES = pattern("_{20,}\\s*");

  /** Lines of marks only, as they stand above a copied header. */
  private static final Pattern RULE = pattern("\\s*[-_=*#~+—–]{2,}\\s*|\\s*[ᐧ—]\\s*");

  private static final String TAIL =
      "(?:[.,!]? {0,3}(?:please |pls )?(?:excuse|pardon|forgive).{0,60})?";

  /** Where the words around it are what a person may end with, too: "Odesláno z Prahy včera." */
  private static final String DEVICE =
      ".{0,30}(?:i(?:phon|pad)|android|samsung|galaxy|huawei|xiaomi|nokia|outlook|yahoo|gmail"
          + "|telefon|mobil|puhelim).{0,30}";

  private static final Pattern MOBILE =
      pattern(
          "[\\s(<*_\\[]*+(?:"
              + "sent (?:from|via|with|by|using) [^.,;!?]{1,60}"
              + TAIL
              + "|get outlook for [^.,;!?]{1,20}|(?:\\p{L}+ )?from (?:my |a"
              + " )?(?:mobile|i?phone|ipad|android)(?: \\d{1,2})?|(?:diese nachricht wurde )?von"
              + " meinem .{1,60} gesendet|gesendet (?:von|mit) .{1,60}|envoyé (?:depuis|de|à partir"
              + " de|par) .{1,60}|enviad[oa] (?:desde|do|com|a partir d[eo]) .{1,60}|inviato"
              + " (?:da|dal|con) .{1,60}|(?:verzonden|verstuurd) (?:met|vanaf|vanuit|via)"
              + " .{1,60}|outlook für (?:ios|android) beziehen|holen sie sich outlook für"
              + " (?:ios|android)|(?:obtenir|télécharger) outlook pour (?:ios|android|mac)|obtener"
              + " outlook para (?:ios|android)|(?:scarica|ottieni) outlook per"
              + " (?:ios|android)|(?:obter|obtenha) o outlook para (?:ios|android)|outlook voor"
              + " (?:ios|android) downloaden|(?:download|hent|hämta) outlook (?:voor|til|för)"
              + " (?:ios|android)|pobierz (?:aplikację )?outlook dla (?:systemu"
              + " )?(?:ios|android)|získat outlook pro"
              + " (?:ios|android)|(?:загрузить|получить|скачать) outlook для"
              + " (?:ios|android)|(?:获取|下载).{0,15}outlook.{0,15}|outlook for (?:ios|android)"
              + " を入手.{0,5}|στάλθηκε από το .{1,40}|trimis de pe .{1,40}|dikirim dari .{1,40}"
              + " saya|(?:đã )?gửi từ .{1,40} của tôi|ส่งจาก.{1,40}ของฉัน|enviat des de"
              + " .{1,40}|skickat från .{1,60}|sendt fra .{1,60}|(?:lähetetty|odesláno z|odoslané"
              + " z|надіслано з|изпратено от|poslano s|elküldve)"
              + DEVICE
              + "|"
              + DEVICE
              + "(?:gönderildi|から送信)|나의 .{1,30}에서 보냄|נשלח מה.{1,40}|(?:أرسلت|أُرسلت) من"
              + " .{1,40}|отправлено (?:с|из) .{1,60}|wysłan[eo] z .{1,60}"
              + "|从我的.{1,30}(?:发送|发出).{0,5}|從我的.{1,30}(?:傳送|寄出).{0,5})(?:"
              + " ?[<(\\[]{1,2}(?:https?|mailto):[^\\s<>)\\]]{1,300}[>)\\]]{1,2}(?: for [\\w"
              + " ]{1,20})?)?[\\s)>*_\\].!]*+");

  /** What HTML to text makes of a link: only its text counts. */
  private static final Pattern LINK =
      pattern("\\[([^\\[\\]]{1,40})\\]\\(https?:[^()\\s]*\\)|https?:[^()<>\\s]*+$");

  private static final int MAX_LINE = 500;

  private QuoteMarks() {}

  private static Pattern pattern(String regex) {
    return Pattern.compile(regex, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
  }

  private static boolean matches(Pattern pattern, String line) {
    return line.length() <= MAX_LINE && pattern.matcher(line).matches();
  }

  /** A line like {@code -----Original Message-----}. */
  static boolean isSeparator(String line) {
    return matches(SEPARATOR, line);
  }

  /** A line that says that what follows is forwarded. */
  static boolean isForward(String line) {
    return matches(FORWARD, line);
  }

  /** {@code "-- "} and what transports make of it, RFC 3676 §4.3. */
  static boolean isSignature(String line) {
    return matches(SIGNATURE, line);
  }

  /** A signature mark that has lost its space. */
  static boolean isBareSignature(String line) {
    return matches(BARE_SIGNATURE, line);
  }

  static boolean isListFooter(String line) {
    return matches(LIST_FOOTER, line);
  }

  /** A shorter line of the same kind, as some put above their signature. */
  static boolean isUnderscores(String line) {
    return matches(UNDERSCORES, line);
  }

  static boolean isRule(String line) {
    return matches(RULE, line);
  }

  /** A line that a program adds about itself: {@code Sent from my iPhone}. */
  static boolean isMobile(String line) {
    return matches(
        MOBILE,
        LINK.matcher(shortened(line))
            .replaceAll(
                link -> link.group(1) == null ? "" : Matcher.quoteReplacement(link.group(1))));
  }

  /** Whether three header lines or more begin here, one of them naming a sender. */
  static boolean beginsHeaderBlock(List<String> lines, int index) {
    if (!HEADER_LINE.matcher(shortened(lines.get(index))).matches()) {
      return false;
    }
    int headers = 0;
    boolean sender = false;
    int others = 0;
    for (int i = index; i < lines.size() && headers < 3; i++) {
      var line = shortened(lines.get(i));
      if (line.isBlank()) {
        break;
      }
      if (HEADER_LINE.matcher(line).matches()) {
        headers++;
        others = 0;
      } else if (++others > 2) {
        // A long list of recipients may go over a few lines.
        break;
      }
      sender |= SENDER_LINE.matcher(line).matches();
    }
    return headers >= 3 && sender;
  }

  private static String shortened(String line) {
    return line.length() > MAX_LINE ? line.substring(0, MAX_LINE) : line;
  }
}
