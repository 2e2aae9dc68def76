package io.postern.out;

/** The keys of the DNS root that validation begins with, as IANA publishes them (RFC 9718). */
final class RootAnchors {
  /** The keys of 2017 and 2024: whichever signs the root's keys today. */
  static final String IANA =
      ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n"
          + ". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16\n";

  private RootAnchors() {}
}
