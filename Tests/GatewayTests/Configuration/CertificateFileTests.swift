import Testing

@testable import Gateway

@Suite("Certificate file")
struct CertificateFileTests {
    private static let good = "-----BEGIN CERTIFICATE-----\nMAMC\nAQE=\n-----END CERTIFICATE-----\n"

    @Test(
        "PEM with one certificate or more is good, whatever stands between them",
        arguments: [
            good, "subject=/CN=x\n" + good + "\r\n" + good,
            good.replacing("CERTIFICATE", with: "TRUSTED CERTIFICATE"), good.replacing("\n", with: "\r\n"),
        ])
    func certificates(text: String) { #expect(CertificateFile.isGood(Array(text.utf8))) }

    @Test(
        "anything else is not: no PEM, a key, a certificate that is cut off or broken",
        arguments: [
            "", "nonsense", "0\u{82}\u{1}", good.replacing("CERTIFICATE", with: "PRIVATE KEY"), String(good.prefix(40)),
            good.replacing("MAMC", with: "M!MC"), good.replacing("MAMC", with: "AAAA"), good + good.prefix(40),
            good.replacing("MAMC", with: "MAQC"), good.replacing("MAMC", with: "MIIB"),
        ])
    func others(text: String) { #expect(!CertificateFile.isGood(Array(text.utf8))) }
}
