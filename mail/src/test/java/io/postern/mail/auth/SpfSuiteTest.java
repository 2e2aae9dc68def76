package io.postern.mail.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The suite of RFC 7208: every scenario with its own DNS. */
class SpfSuiteTest {
  private static final int TESTS = 203;

  @Test
  void givesTheResultsAndExplanationsOfTheSuite() throws Exception {
    var file =
        Path.of(System.getProperty("postern.suites", "absent"), "spf", "test", "rfc7208-tests.yml");
    assumeTrue(Files.isRegularFile(file), "no suite spf");
    var wrong = new ArrayList<String>();
    int count = 0;

    for (var scenario :
        new Load(LoadSettings.builder().build()).loadAllFromString(Files.readString(file))) {
      var spf = new Spf(zone(map(map(scenario).get("zonedata"))), "receiver.example");
      for (var test : map(map(scenario).get("tests")).entrySet()) {
        count++;
        check(spf, test.getKey(), map(test.getValue()), wrong);
      }
    }

    System.out.println("SPF suite: " + (count - wrong.size()) + " of " + count);
    assertEquals(List.of(), wrong);
    assertEquals(TESTS, count);
  }

  private static void check(Spf spf, String name, Map<String, Object> test, List<String> wrong) {
    var result =
        spf.mailFrom(
            Zone.address((String) test.get("host")),
            (String) test.get("helo"),
            (String) test.get("mailfrom"),
            Instant.EPOCH);
    var expected =
        test.get("result") instanceof List<?> several ? several : List.of(test.get("result"));
    var explanation = String.valueOf(test.getOrDefault("explanation", result.explanation()));
    if (explanation.equals("DEFAULT")) {
      explanation = "";
    }
    if (!expected.contains(result.outcome().toString())
        || result.outcome() == SpfResult.Outcome.FAIL
            && !explanation.equalsIgnoreCase(result.explanation())) {
      wrong.add(name + ": " + result + ", expected " + expected + " " + explanation);
    }
  }

  /** SPF records stand for TXT too unless the name says something else of TXT. */
  private static Zone zone(Map<String, Object> data) {
    var zone = new Zone();
    for (var entry : data.entrySet()) {
      var name = entry.getKey();
      var records = (List<?>) entry.getValue();
      boolean ownTxt =
          records.stream().anyMatch(r -> r instanceof Map<?, ?> m && m.containsKey("TXT"));
      for (var record : records) {
        if (record instanceof Map<?, ?> one) {
          one.forEach((type, value) -> add(zone, name, (String) type, value, ownTxt));
        }
      }
      if (records.contains("TIMEOUT")) {
        // As the suite means it: what is not given times out; NONE gives nothing.
        for (var type : List.of("A", "AAAA", "MX", "PTR", "TXT")) {
          boolean given =
              records.stream()
                  .anyMatch(
                      r ->
                          r instanceof Map<?, ?> m
                              && m.containsKey(type)
                              && !"NONE".equals(m.get(type)));
          if (!given) {
            zone.failing(name, type);
          }
        }
      }
    }
    return zone;
  }

  private static void add(Zone zone, String name, String type, Object value, boolean ownTxt) {
    if ("NONE".equals(value) || type.equals("SPF") && ownTxt) {
      return;
    }
    if (type.equals("MX")) {
      var pair = (List<?>) value;
      zone.with(name, "MX", pair.get(0) + " " + pair.get(1));
    } else if (value instanceof List<?> strings) {
      zone.txt(name, String.join("", strings.stream().map(String::valueOf).toList()));
    } else {
      zone.with(name, type.equals("SPF") ? "TXT" : type, String.valueOf(value));
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }
}
