package io.postern.mail;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuotedTextTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "On Tue, Feb 3, 2026 at 9:58 AM Bob <bob@x.example> wrote:",
        "On Tue, Feb 3, 2026 at 9:58 AM Bob\n<bob@x.example> wrote:",
        "On Tue, 3 Feb 2026 10:00 UTC, Bob wrote:",
        "Am 03.02.2026 um 09:58 schrieb Bob:",
        "Bob <bob@x.example> schrieb am Di., 3. Feb. 2026, 09:58:",
        "Le mar. 3 févr. 2026 à 09:58, Bob <bob@x.example> a écrit :",
        "El mar, 3 feb 2026 a las 9:58, Bob (<bob@x.example>) escribió:",
        "Il giorno mar 3 feb 2026 alle ore 09:58 Bob <bob@x.example> ha scritto:",
        "Em ter., 3 de fev. de 2026 às 09:58, Bob <bob@x.example> escreveu:",
        "Op di 3 feb 2026 om 09:58 schreef Bob <bob@x.example>:",
        "Op 3 feb. 2026 om 09:58 heeft Bob <bob@x.example> het volgende geschreven:",
        "Den tis 3 feb. 2026 kl 09:58 skrev Bob <bob@x.example>:",
        "W dniu 3.02.2026 o 09:58, Bob pisze: napisał:",
        "wt., 3 lut 2026 o 09:58 Bob <bob@x.example> napisał(a):",
        "вт, 3 февр. 2026 г. в 09:58, Bob <bob@x.example>:",
        "3 февр. 2026 г., 09:58 пользователь Bob <bob@x.example> написал:",
        "30 серп. 2016 р. 20:45 \"Bob\" <bob@x.example> пише:",
        "在 2026年2月3日，上午9:58，Bob <bob@x.example> 写道：",
        "Vào Th 3, 3 thg 2, 2026 vào lúc 09:58 Bob <bob@x.example> đã viết:",
        "Bob <bob@x.example> wrote:",
        "2026-02-03 9:58 GMT+01:00 Bob <bob@x.example>:",
        "ti 3. helmik. 2026 klo 9.58 Bob (bob@x.example) kirjoitti:",
        "út 3. 2. 2026 v 9:58 odesílatel Bob <bob@x.example> napsal:",
        "Bob <bob@x.example>, 3 Şub 2026 Sal, 09:58 tarihinde şunu yazdı:",
        "Bob <bob@x.example> 於 2026年2月3日 週二 上午9:58寫道：",
        "2026年2月3日(火) 9:58 Bob <bob@x.example>:",
        "2026/02/03 9:58、Bob <bob@x.example>のメール:",
        "2026년 2월 3일 (화) 오전 9:58, Bob <bob@x.example>님이 작성:",
        "בתאריך יום ג׳, 3 בפבר׳ 2026 ב-9:58 מאת Bob <\u202abob@x.example\u202c>:\u202c",
        "في الثلاثاء، 3 فبراير 2026 في 9:58 ص تمت كتابة ما يلي بواسطة Bob <bob@x.example>:",
        // Gmail's of more languages
        "po 3. 2. 2026 o 9:58 Bob <bob@x.example> napísal(a):",
        "Bob <bob@x.example> ezt írta (időpont: 2026. febr. 3., K, 9:58):",
        "mar., 3 feb. 2026 la 09:58, Bob <bob@x.example> a scris:",
        "На вт, 3.02.2026 г. в 9:58 Bob <bob@x.example> написа:",
        "uto, 3. velj 2026. u 09:58 Bob <bob@x.example> napisao je:",
        "уто, 3. феб 2026. у 09:58 Bob <bob@x.example> је написао/ла:",
        "V V tor., 3. feb. 2026 ob 09:58 je oseba Bob <bob@x.example> napisala:",
        "Στις Τρί 3 Φεβ 2026 στις 9:58 π.μ., ο χρήστης Bob <bob@x.example> έγραψε:",
        "antr., 2026-02-03 09:58, Bob <bob@x.example> rašė:",
        "Kuupäev T, 3. veebruar 2026 kell 09:58 kirjutas Bob <bob@x.example>:",
        "Missatge de Bob <bob@x.example> del dia dt., 3 de febr. 2026 a les 9:58:",
        "Pada tanggal Sel, 3 Feb 2026 pukul 09.58 Bob <bob@x.example> menulis:",
        "ในวันที่ อ. 3 ก.พ. 2026 เวลา 09:58 Bob <bob@x.example> เขียนว่า:",
        "मंगल, 3 फ़र॰ 2026 को 9:58 am बजे को Bob <bob@x.example> ने लिखा:",
        "در تاریخ سه‌شنبه ۳ فوریهٔ ۲۰۲۶، ۹:۵۸ Bob <bob@x.example> نوشت:",
        "Bob <bob@x.example> escreveu (terça, 3/02/2026 à(s) 09:58):",
        // Apple's
        "No dia 03/02/2026, às 09:58, Bob <bob@x.example> escreveu:",
        "Wiadomość napisana przez Bob <bob@x.example> w dniu 3 lut 2026, o godz. 09:58:",
        "2026. 2. 3. 오전 9:58, Bob <bob@x.example> 작성:",
        "Bob <bob@x.example> şunları yazdı (3 Şub 2026 09:58):",
        "Pe 3 feb. 2026, la 09:58, Bob <bob@x.example> a scris:",
        "El dia 3 febr 2026, a les 9:58, Bob <bob@x.example> va escriure:",
        "Dňa 3. 2. 2026 o 9:58 Bob napísal(a):",
        // Thunderbird's
        "W dniu 3.02.2026 o 09:58, Bob pisze:",
        "Às 09:58 de 03/02/2026, Bob escreveu:",
        "Bob kirjoitti 3.2.2026 klo 9.58:",
        // All-Inkl's
        "Bob schrieb am 03.02.2026 09:58 (GMT +01:00):",
        "Bob 於 2026/2/3 09:58 寫道：",
        "2026-02-03 오전 9:58에 Bob 이(가) 쓴 글:",
        // Yahoo's, Open-Xchange's, Tuta's, The Bat's, AOL's, Gnus', mail.ru's, 163's
        "Am Dienstag, 3. Februar 2026 um 09:58:00 MEZ hat Bob <bob@x.example> Folgendes"
            + " geschrieben:",
        "Bob <bob@x.example> hat am 03.02.2026 09:58 CET geschrieben:",
        "3. Feb. 2026, 09:58 von bob@x.example:",
        "Feb 3, 2026, 09:58 by bob@x.example:",
        "Tuesday, February 3, 2026, 9:58:00 AM, you wrote:",
        "In a message dated 2/3/2026 9:58:00 AM Eastern Standard Time, bob@x.example writes:",
        "Bob <bob@x.example> writes:",
        "Вторник, 3 февраля 2026, 9:58 +03:00 от Bob <bob@x.example>:",
        "At 2026-02-03 09:58:00, \"Bob\" <bob@x.example> wrote:",
        "在 2026-02-03 09:58:00，\"Bob\" <bob@x.example> 写道："
      })
  void knowsAttributionsOfManyLanguages(String attribution) {
    assertThat(QuotedText.cut("Yes.\n\n" + attribution + "\n\n> Noon?\n> Or one?\n", true))
        .isEqualTo("Yes.");
    assertThat(QuotedText.cut(attribution + "\n> Noon?\n\nYes.", true)).isEqualTo("Yes.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-----Original Message-----\nHi",
        "-----Ursprüngliche Nachricht-----\nHi",
        "-------- Message d'origine --------\nHi",
        "From: Bob <bob@x.example>\nSent: Tuesday\nTo: Alice\nSubject: lunch\n\nHi",
        "Von: Bob\nGesendet: Dienstag\nAn: Alice\nBetreff: lunch\n\nHi",
        "*De :* Bob\n*Envoyé :* mardi\n*À :* Alice\n*Objet :* lunch\n\nHi",
        "________________________________\nVan: Bob\nVerzonden: dinsdag\nAan: Alice\n\nHi",
        "Från: Bob\nSkickat: tisdag\nTill: Alice\nÄmne: lunch\n\nHi",
        "От: Bob\nДата: вторник\nКому: Alice\nТема: lunch\n\nHi",
        "发件人: Bob\n日期: 2026\n收件人: Alice\n主题: lunch\n\nHi",
        "Od: Bob\nOdesláno: úterý\nKomu: Alice\nPředmět: lunch\n\nHi",
        "Lähettäjä: Bob\nLähetetty: tiistai\nVastaanottaja: Alice\nAihe: lunch\n\nHi",
        "Kimden: Bob\nGönderildi: Salı\nKime: Alice\nKonu: lunch\n\nHi",
        "Від: Bob\nНадіслано: вівторок\nКому: Alice\nТема: lunch\n\nHi",
        "差出人: Bob\n送信日時: 2026\n宛先: Alice\n件名: lunch\n\nHi",
        "보낸 사람: Bob\n보낸 날짜: 2026\n받는 사람: Alice\n제목: lunch\n\nHi",
        "מאת: Bob\nנשלח: 2026\nאל: Alice\nנושא: lunch\n\nHi",
        "Feladó: Bob\nElküldve: kedd\nCímzett: Alice\nTárgy: lunch\n\nHi",
        "De la: Bob\nTrimis: marți\nCătre: Alice\nSubiect: lunch\n\nHi",
        "От: Bob\nИзпратено: вторник\nДо: Alice\nОтносно: lunch\n\nHi",
        "Από: Bob\nΣτάλθηκε: Τρίτη\nΠρος: Alice\nΘέμα: lunch\n\nHi",
        "Od: Bob\nOdoslané: utorok\nKomu: Alice\nPredmet: lunch\n\nHi",
        "Šalje: Bob\nPoslano: utorak\nPrima: Alice\nPredmet: lunch\n\nHi",
        "Saatja: Bob\nSaadetud: teisipäev\nAdressaat: Alice\nTeema: lunch\n\nHi",
        "Từ: Bob\nĐã gửi: Thứ Ba\nTới: Alice\nChủ đề: lunch\n\nHi",
        "Dari: Bob\nDikirim: Selasa\nKepada: Alice\nSubjek: lunch\n\nHi",
        "จาก: Bob\nส่ง: 2026\nถึง: Alice\nเรื่อง: lunch\n\nHi",
        "보낸사람: Bob\n보낸시간: 2026\n받는사람: Alice\n제목: lunch\n\nHi",
        "发件人：Bob\n发送时间：2026\n收件人：Alice\n主　题：lunch\n\nHi",
        "---- Messaggio originale ----\nDa: Bob\nData: 3 feb\nA: Alice\nOgg: lunch\n\nHi",
        "-----Original-Nachricht-----\nBetreff: lunch\nVon: Bob\n\nHi",
        "---------- Původní e-mail ----------\nOd: Bob\n\nHi",
        "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\nHi",
        "------------------ Original ------------------\nFrom: Bob\n\nHi",
        "------------------\u00a0原始邮件\u00a0------------------\n发件人: Bob\n\nHi"
      })
  void cutsAtCopiedHeadersAndSeparators(String embedded) {
    assertThat(QuotedText.cut("Yes.\n\n" + embedded, true)).isEqualTo("Yes.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sent from my iPhone",
        "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "Sent via Telegram",
        "Von meinem iPad gesendet",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "Enviado do meu Galaxy",
        "Inviato da iPhone",
        "Verzonden vanaf mijn tablet",
        "Skickat från min iPhone",
        "Отправлено с iPhone",
        "从我的iPhone发送",
        "iPhone'umdan gönderildi",
        "iPhoneから送信",
        "나의 iPhone에서 보냄",
        "נשלח מה-iPhone שלי",
        "Надіслано з iPhone",
        "Odesláno z mého iPhonu",
        "Lähetetty puhelimesta",
        "_______________________________________________\ndev mailing list\ndev@lists.example",
        "Outlook für iOS beziehen",
        "Obtenir Outlook pour Android",
        "Scarica Outlook per iOS",
        "Pobierz aplikację Outlook dla systemu iOS",
        "获取适用于 iOS 的 Outlook",
        "Verstuurd vanaf mijn iPhone",
        "Odoslané z môjho iPhonu",
        "Изпратено от моя iPhone",
        "Trimis de pe iPhone-ul meu",
        "Dikirim dari iPhone saya",
        "Gửi từ iPhone của tôi",
        "ส่งจาก iPhone ของฉัน",
        "-- \nBob\nExample Ltd.",
        "--=20\nBob"
      })
  void cutsSignaturesFromEveryMail(String signature) {
    assertThat(QuotedText.cut("Hello there.\n\n" + signature + "\n", false))
        .isEqualTo("Hello there.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sent from my desk, this is easier to write.",
        "On the surface it looks fine, Bob wrote:\nall good then",
        "In 2019 he wrote:\n\nA book.",
        "La mamma ha scritto:\n\nTutto bene.",
        "O João escreveu:\n\nTudo bem.",
        "3월 2일 10:00 보고서 작성:\n\n김 대리",
        "Hello, Monday 3 at 10:30 works, as Bob wrote:\n\nall of us",
        "I use Outlook for iOS",
        "Original ideas ------------ original ------------ of mine",
        "At noon Bob kirjoitti:\n\nHei.",
        "Merhaba,\n\nPaket dün Ankara'dan gönderildi",
        "Ahoj,\n\nOdesláno z Prahy včera.",
        "Привіт,\n\nНадіслано з Києва вчора.",
        "Hei,\n\nLähetetty eilen Helsingistä.",
        "I asked bob@mail.example and he wrote:\n\nNo.",
        "Please send the 2024 report at 10:00 to <bob@mail.example>:\n\nthanks",
        "From: the start\nmy words",
        "To: do today\n\nSubject: unknown",
        ">From here on I go alone",
        "a\n--\nb\nc",
        "| a | b |\n| - | - |\n| 1 | 2 |",
        "> the only line I quote\n\nand my answer",
        "Intro\n> q1\nanswer one\n> q2\nanswer two",
        "Hi,\n\n---------- Forwarded message ---------\nFrom: Bob\nDate: x\nTo: y\n\nHi",
        "Begin forwarded message:\n\nFrom: Bob\nDate: x\nTo: y\n\nHi"
      })
  void keepsTheAuthorsWords(String text) {
    assertThat(QuotedText.cut(text, true)).isEqualTo(BodyText.tidy(text));
  }

  @Test
  void takesTheRestOfALineThatATransportBrokeForPartOfTheQuote() {
    var quote =
        "> Our shop in the old town has answered what you asked us about, namely\n"
            + "yesterday's delivery\n> Yours\n";

    assertThat(QuotedText.cut("Thanks.\n\nBob <bob@x.example> wrote:\n" + quote, true))
        .isEqualTo("Thanks.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "> Shall we meet at noon in the small garden behind the old town hall?\nyes please\n> Bob",
        "> Shall we meet at noon, or\nat one\n> Bob",
        "> Shall we meet at noon in the small garden behind the town hall, or at\nYes.\n> Bob",
        "> Shall we meet at noon in the small garden behind the town hall, or at\n\nnoon\n> Bob"
      })
  void keepsAnAnswerBetweenQuotedLines(String interleaved) {
    assertThat(QuotedText.cut("Hi.\n" + interleaved + "\n\nAlice", true))
        .isEqualTo("Hi.\n" + interleaved + "\n\nAlice");
  }

  @Test
  void keepsALongAnswerBelowACopiedHeader() {
    var text = "See below.\n\nFrom: Bob\nDate: x\nTo: y\n\n> old\n" + "my answer\n".repeat(8);

    assertThat(QuotedText.cut(text, true)).contains("my answer");
  }

  @Test
  void cutsNoQuotesIfTheMailAnswersNothing() {
    var text = "Look:\n\n> a quote\n> of two lines";

    assertThat(QuotedText.cut(text, false)).isEqualTo(text);
  }

  @Test
  void keepsAllIfNothingWouldRemain() {
    assertThat(QuotedText.cut("> only this", true)).isEqualTo("> only this");
    assertThat(QuotedText.cut("Sent from my iPhone", true)).isEqualTo("Sent from my iPhone");
    assertThat(QuotedText.cut("-- \nBob", true)).isEqualTo("--\nBob");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "On 1:11 a@b wrote\n",
        "> q\n\n",
        "-----Original Message-----\n",
        "On 3 May 10:00 x wrote:\n",
        "From: a\n",
        "-- \n",
        "x\n> y\n",
        "________________________\n",
        " ",
        "<",
        "Sent from my ",
        "t\n-----Original Message-----\n> q\n"
      })
  void endsOnLongHostileTexts(String piece) {
    // A rule that looked back from each line would not come to an end here.
    assertThat(QuotedText.cut("x" + piece.repeat(400_000 / piece.length()), true)).isNotEmpty();
  }
}
