import Testing

@testable import Base

@Suite struct CleanTextTests {
    @Test(
        "One line",
        arguments: [
            ("  a  b ", "a  b"), ("a\r\nb\nc\td", "a b c d"), ("e\u{301}", "\u{E9}"),
            ("a\u{202E}b\u{2066}c\u{2069}", "abc"), ("a\u{200B}b\u{200D}c\u{FEFF}", "abc"),
            ("\u{3000}售后\u{A0}", "售后"), ("a\u{1B}[31m", "a[31m"), ("a\u{7F}\u{9F}", "a"),
            ("x\u{2028}y", "x y"), ("\u{200B}", ""), ("", ""), ("😀", "😀"), ("ＡＢ", "ＡＢ"),
            ("👨‍👩", "👨👩"), ("a\u{E0041}b", "ab"),
        ])
    func line(text: String, expected: String) throws {
        let clean = try CleanText.line(text, max: 100)
        #expect(Array(clean.unicodeScalars) == Array(expected.unicodeScalars))
    }

    @Test(
        "Several lines",
        arguments: [
            ("a\r\nb\rc\nd\u{85}e\u{2029}f", "a\nb\nc\nd\ne\nf"), ("\n\n a\tb\n\nc \n", "a\tb\n\nc"),
            ("a\u{202A}\r\u{202C}\nb", "a\n\nb"),
        ])
    func lines(text: String, expected: String) throws {
        #expect(try CleanText.lines(text, max: 100) == expected)
    }

    @Test("NUL and length")
    func refusals() throws {
        #expect(code { try CleanText.line("a\u{0}", max: 10, field: "title") } == "text.nul")
        #expect(code { try CleanText.line("12345678901", max: 10) } == "text.too_long")
        #expect(code { try CleanText.line("  1234567890 ", max: 10) } == nil)
        #expect(code { try CleanText.line("售后售后售后售后售后", max: 10) } == nil)
        #expect(
            code { try CleanText.lines(String(repeating: "x", count: 10_000_000), max: 200) }
                == "text.too_long")
        guard
            case .failure(let f) = outcome({ try CleanText.line("ab", max: 1, field: "title") })
        else {
            Issue.record("no refusal")
            return
        }
        #expect(f.kind == .invalid)
        #expect(f.fields.first?.field == "title")
        #expect(f.fields.first?.arguments == ["max": "1"])
    }

    @Test(
        "Identifiers",
        arguments: [
            ("sd40a-23w31-0106", "SD40A-23W31-0106"), (" ＳＤ４０Ａ－２３ｗ３１ ", "SD40A-23W31"),
            ("A–1—2−3‐4﹣5", "A-1-2-3-4-5"), ("a\u{200B}b\u{202E}c", "ABC"), ("批次 ７", "批次 7"),
            ("ｶﾞ", "ガ"), ("a\tb", "A B"), (" a \u{3000} b  7 ", "A B 7"),
            ("ß", "SS"), ("", ""),
        ])
    func identifiers(text: String, expected: String) {
        #expect(CleanText.foldIdentifier(text) == expected)
    }

    @Test("Cleaned twice is cleaned once", arguments: [21, 22, 23] as [UInt64])
    func idempotent(seed: UInt64) throws {
        var random = SeededRandom(seed)
        for round in 0..<500 {
            var text = random.text(upTo: 12)
            // Any code point at all, not only the alphabet of the usual suspects.
            for _ in 0..<random.below(6) {
                if let s = Unicode.Scalar(UInt32(1 + random.below(0x2FFFF))) { text.unicodeScalars.append(s) }
            }
            let place = Comment("seed \(seed) round \(round)")
            let one = try CleanText.line(text, max: 1000)
            #expect(try CleanText.line(one, max: 1000) == one, place)
            let many = try CleanText.lines(text, max: 1000)
            #expect(try CleanText.lines(many, max: 1000) == many, place)
            #expect(!one.unicodeScalars.contains { CleanText.isInvisible($0) }, place)
            let id = CleanText.foldIdentifier(text)
            #expect(CleanText.foldIdentifier(id) == id, place)
            let name = CleanText.fileName(text)
            #expect(CleanText.fileName(name) == name, place)
            #expect(!name.isEmpty && name.utf8.count <= 200, place)
            #expect(!name.contains("/") && !name.contains("\\") && !name.hasPrefix("."), place)
        }
    }
}
