package io.postern.out;

import java.util.List;
import javax.net.ssl.SSLContext;

/** What TLS one mail host of one domain needs. */
sealed interface TlsPolicy {
  /** Whatever the host offers: nothing says what its certificate should be. RFC 7435. */
  record Opportunistic() implements TlsPolicy {
    @Override
    public TlsMode mode() {
      return TlsMode.OPPORTUNISTIC;
    }

    @Override
    public TlsPeer peer(String host, SSLContext authorities) {
      return TlsPeer.anybody(host);
    }

    @Override
    public String proof() {
      return "";
    }
  }

  /**
   * TLS with whatever certificate: the DNS says securely that there is TLS, and nothing of the
   * certificate that can be used. RFC 7672 §2.2.
   */
  record Encrypted() implements TlsPolicy {
    @Override
    public TlsMode mode() {
      return TlsMode.REQUIRED;
    }

    @Override
    public TlsPeer peer(String host, SSLContext authorities) {
      return TlsPeer.anybody(host);
    }

    @Override
    public String proof() {
      return "";
    }
  }

  /** A certificate for the host's name by an authority, as the domain's MTA-STS policy asks. */
  record Authorities() implements TlsPolicy {
    @Override
    public TlsMode mode() {
      return TlsMode.REQUIRED;
    }

    @Override
    public TlsPeer peer(String host, SSLContext authorities) {
      return TlsPeer.byAuthorities(host, authorities);
    }

    @Override
    public String proof() {
      return " by MTA-STS";
    }
  }

  /**
   * The certificate that the DNS names. RFC 7672 §3.
   *
   * @param records one or more, each usable
   * @param base the name that the records belong to; sent as server name (RFC 7672 §8.1)
   * @param names one of them must stand in a certificate of an authority that a record names
   */
  record Dane(List<Tlsa> records, String base, List<String> names) implements TlsPolicy {
    public Dane {
      records = List.copyOf(records);
      names = List.copyOf(names);
      if (records.isEmpty() || !records.stream().allMatch(Tlsa::isUsable)) {
        throw new IllegalArgumentException("DANE without a usable record");
      }
    }

    @Override
    public TlsMode mode() {
      return TlsMode.REQUIRED;
    }

    @Override
    public TlsPeer peer(String host, SSLContext authorities) {
      return new TlsPeer(TlsTrust.of(new DaneTrust(records, names)), base, false);
    }

    @Override
    public String proof() {
      return " by DANE";
    }
  }

  /** Whether the connection must be encrypted. */
  TlsMode mode();

  /**
   * Who must be at the other end.
   *
   * @param host the name of the mail host
   * @param authorities whom to believe where authorities count
   */
  TlsPeer peer(String host, SSLContext authorities);

  /** How the host has proved that it is the right one, for the journey; empty if it has not. */
  String proof();
}
