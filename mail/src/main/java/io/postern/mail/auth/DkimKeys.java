package io.postern.mail.auth;

import io.postern.mail.auth.DkimResult.Result;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The key records that the signatures of one mail name. Each is asked for once, and no more than
 * {@link #MAX_QUESTIONS} are.
 */
final class DkimKeys {
  /** Different keys of one mail; whoever wrote it chooses whom we ask. */
  static final int MAX_QUESTIONS = 20;

  /** RFC 6376 §6.1.2 leaves it to us what several records of one selector mean: each is tried. */
  private static final int MAX_RECORDS = 4;

  private final Dns dns;
  private final Map<String, Answer> answers = new HashMap<>();

  /** Records, or why there are none. */
  private record Answer(List<String> records, Result failure, String reason) {}

  DkimKeys(Dns dns) {
    this.dns = dns;
  }

  /**
   * Checks a signature with the key that it names.
   *
   * @return the key that verifies it
   * @throws UnusableSignatureException if there is no such key
   */
  DkimKey verify(String domain, String selector, String algorithm, byte[] data, byte[] signature)
      throws UnusableSignatureException {
    UnusableSignatureException failed = null;
    for (var record : records(domain, selector)) {
      try {
        var key = DkimKey.parse(record);
        if (!key.isFor(algorithm)) {
          throw new UnusableSignatureException(
              Result.PERMERROR, "the key is not for the algorithm of the signature");
        }
        if (key.verify(data, signature)) {
          return key;
        }
        failed =
            key.isTesting()
                ? new UnusableSignatureException(
                    Result.NEUTRAL, "it does not verify, and " + domain + " only tests DKIM (t=y)")
                : new UnusableSignatureException(Result.FAIL, "it does not verify");
      } catch (UnusableSignatureException unusable) {
        failed = failed == null ? unusable : failed;
      }
    }
    throw failed;
  }

  /** At least one. */
  private List<String> records(String domain, String selector) throws UnusableSignatureException {
    var name = selector + "._domainkey." + domain;
    var answer = answers.get(name);
    if (answer == null) {
      if (answers.size() >= MAX_QUESTIONS) {
        throw new UnusableSignatureException(
            Result.PERMERROR,
            "more than " + MAX_QUESTIONS + " keys are not looked up for one mail");
      }
      answer = ask(name);
      answers.put(name, answer);
    }
    if (answer.records().isEmpty()) {
      throw new UnusableSignatureException(answer.failure(), answer.reason());
    }
    return answer.records();
  }

  private Answer ask(String name) {
    try {
      var records = dns.txt(name).records().stream().limit(MAX_RECORDS).toList();
      return new Answer(records, Result.PERMERROR, "there is no key at " + name);
    } catch (DnsException away) {
      return new Answer(
          List.of(), Result.TEMPERROR, "the DNS could not be asked for the key at " + name);
    }
  }
}
