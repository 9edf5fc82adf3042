import Foundation
import Testing

@testable import Base

@Suite struct SearchTests {
    @Test(
        "Tokens",
        arguments: [
            ("售后服务", "售后 后服 服务 务"), ("售", "售"), ("USB线", "usb 线"), ("数据线USB", "数据 据线 线 usb"),
            ("屏幕，键盘", "屏幕 幕 ǀ 键盘 盘"), ("屏幕 键盘", "屏幕 幕 键盘 盘"), ("屏幕\n键盘", "屏幕 幕 ǀ 键盘 盘"),
            ("Hello World", "hello world"), ("Hello, World.", "hello ǀ world"), ("well-known", "well known"),
            ("SD40A-23W31-0106", "sd40a 23w31 0106 ǀ sd40a23w310106"),
            ("ＳＤ４０Ａ－２３Ｗ３１", "sd40a 23w31 ǀ sd40a23w31"), ("ＵＳＢ２．０接口", "usb2 0 接口 口 ǀ usb20"),
            ("Café ÜBER", "cafe uber"), ("ﬁn", "fin"), ("İx", "ix"), ("a\u{200B}b", "ab"), ("第3季", "第 3 季"),
            ("a- b", "a ǀ b"), ("a--b", "a ǀ b"), ("-a-", "a"), ("键盘-鼠标", "键盘 盘 ǀ 鼠标 标"),
            ("xp-键盘", "xp ǀ 键盘 盘"), ("ǀpublic", "public"), ("aǀb", "a ǀ b"), ("人々", "人々 々"),
            ("", ""), ("，。！", ""), ("a❶b", "a ǀ b"), ("①号", "1 号"), ("한국어", "한국 국어 어"),
        ])
    func tokens(text: String, expected: String) {
        #expect(TextAnalyser.document([text]) == expected)
    }

    @Test("Fields lie apart, markers cannot be forged")
    func fields() {
        #expect(TextAnalyser.document(["a b", "", "c"]) == "a b ǀ c")
        let marker = TextAnalyser.marker("org", "01ARZ3NDEK")
        #expect(marker == "ǀorg01arz3ndek")
        #expect(!TextAnalyser.documentTokens([marker]).contains(marker))
        #expect(!SearchQuery(marker).terms.flatMap(\.tokens).contains(marker))
    }

    @Test(
        "Queries in FTS5's language",
        arguments: [
            ("售后", "\"售后\""), ("售后服务", "\"售后 后服 服务\""), ("售", "\"售\" *"), ("USB线", "\"usb 线\" *"),
            ("usb 线缆", "\"usb\" AND \"线缆\""), ("屏幕，键盘", "\"屏幕\" AND \"键盘\""),
            ("SD40A-23W31", "\"sd40a 23w31\""), ("\"hello world\"", "\"hello world\""),
            ("\"a", "\"a\""), ("a a A", "\"a\""), ("a OR b", "\"a\" AND \"or\" AND \"b\""),
            ("x\" OR y:* NEAR(z) ^q", "\"x\" AND \"or\" AND \"y\" AND \"near\" AND \"z\" AND \"q\""),
            ("'; DROP TABLE t; --", "\"drop\" AND \"table\" AND \"t\""),
        ])
    func fts5(text: String, expected: String) {
        #expect(SearchQuery(text).fts5 == expected)
    }

    @Test("Prefix, PostgreSQL, nothing")
    func render() {
        #expect(SearchQuery("foo bar", prefix: true).fts5 == "\"foo\" AND \"bar\" *")
        #expect(SearchQuery("foo 键盘", prefix: true).fts5 == "\"foo\" AND \"键盘\"")
        #expect(SearchQuery("SD40A-23", prefix: true).fts5 == "\"sd40a 23\" *")
        #expect(SearchQuery("USB线 屏幕膜").tsquery == "('usb' <-> '线':*) & ('屏幕' <-> '幕膜')")
        for nothing in ["", "  ", "，。", "\"\"", "***", "ǀ"] {
            #expect(SearchQuery(nothing).isEmpty)
            #expect(SearchQuery(nothing).fts5 == nil)
            #expect(SearchQuery(nothing).tsquery == nil)
        }
    }

    @Test(
        "What matches what",
        arguments: [
            ("SD40A-23W31-0106", "0106", true), ("SD40A-23W31-0106", "23w31", true),
            ("SD40A-23W31-0106", "sd40a-23w31", true), ("SD40A-23W31-0106", "SD40A23W310106", true),
            ("SD40A-23W31-0106", "ＳＤ４０Ａ－２３Ｗ３１－０１０６", true), ("SD40A-23W31-0106", "23W31-SD40A", false),
            ("SD40A. 23W31", "sd40a-23w31", false), ("无法开机", "开机", true), ("无法开机", "法开", true),
            ("开，机", "开机", false), ("开 机", "开机", false), ("无法开机", "机", true), ("无法开机", "无", true),
            ("数据线，usb", "线usb", false), ("数据线usb", "线usb", true), ("数据线usb", "据usb", false),
            ("usb数据线", "usb数", true), ("usb，数据线", "usb数", false), ("软件", "軟體", false),
            ("雷达天线无法转动", "雷達天線", true), ("雷達天線無法轉動", "雷达天线", true), ("軟體", "软体", true),
            ("臺北機房發電機", "台北机房发电", true), ("后面", "後面", true), ("機", "机", true), ("接口", "線", false),
            ("foobar", "foo", false), ("Straße", "STRASSE", false), ("CAFÉ", "cafe", true),
        ])
    func matching(text: String, query: String, expected: Bool) {
        let q = SearchQuery(query)
        #expect(q.matches(TextAnalyser.documentTokens([text])) == expected)
        #expect(q.ranges(in: text).isEmpty != expected)
    }

    @Test("A phrase does not reach across fields")
    func acrossFields() {
        #expect(!SearchQuery("b-c").matches(TextAnalyser.documentTokens(["a b", "c d"])))
        #expect(!SearchQuery("线usb").matches(TextAnalyser.documentTokens(["数据线", "usb"])))
    }

    @Test(
        "Marks in the text",
        arguments: [
            ("电脑无法开机，开机后死机", "开机", ["开机", "开机"]), ("电脑无法开机", "机", ["机"]),
            ("机器机房", "机", ["机", "机"]), ("ＳＤ４０Ａ－２３ here", "sd40a-23", ["ＳＤ４０Ａ－２３"]),
            ("serial SD40A-23.", "sd40a23", ["SD40A-23"]), ("Foo fool", "foo", ["Foo"]),
            ("Café", "cafe", ["Café"]), ("没有", "键盘", []),
            ("售后服务好", "售后 后服", ["售后服"]), ("雷達天線", "天线", ["天線"]), ("开机", "開", ["开"]),
        ])
    func marks(text: String, query: String, expected: [String]) {
        #expect(SearchQuery(query).ranges(in: text).map { String(text[$0]) } == expected)
    }

    /// Each character has one form in the index, and folding it again changes nothing.
    @Test func bothScriptsFoldToOne() {
        for (a, b) in [("後", "后"), ("體", "体"), ("裡", "里"), ("錶", "表"), ("龍", "龙"), ("𠀋", "𠀋")] {
            #expect(TextAnalyser.document([a]) == TextAnalyser.document([b]), "\(a)")
        }
        for value: UInt32 in 0x4E00...0x9FFF {
            guard let s = Unicode.Scalar(value) else { continue }
            let once = TextAnalyser.document([String(s)])
            #expect(TextAnalyser.document([once]) == once, "\(s)")
        }
    }

    @Test("Excerpts")
    func excerpt() {
        let text = String(repeating: "前", count: 200) + "开机" + String(repeating: "后", count: 200)
        let pieces = SearchQuery("开机").excerpt(of: text, length: 40)
        #expect(pieces.map(\.isMatch) == [false, false, true, false, false])
        #expect(pieces.map(\.text).joined().count == 42)
        #expect(
            SearchQuery("x").excerpt(of: "a x b") == [
                .init(text: "a ", isMatch: false), .init(text: "x", isMatch: true),
                .init(text: " b", isMatch: false),
            ])
        #expect(SearchQuery("x").excerpt(of: "") == [])
    }

    @Test("Tokens hold letters and digits only, offsets lie in the text", arguments: [31, 32] as [UInt64])
    func properties(seed: UInt64) {
        var random = SeededRandom(seed)
        for round in 0..<1000 {
            var text = random.text(upTo: 20)
            for _ in 0..<random.below(6) {
                if let s = Unicode.Scalar(UInt32(1 + random.below(0x2FFFF))) { text.unicodeScalars.append(s) }
            }
            let place = Comment("seed \(seed) round \(round)")
            for t in TextAnalyser.tokens(text) {
                #expect(t.range.upperBound <= text.utf8.count, place)
                #expect(!t.text.isEmpty && !t.text.contains(" ") && !t.text.contains("\""), place)
            }
            // Analysing what was analysed changes nothing but gaps and joined serials.
            let query = SearchQuery(text, prefix: round % 2 == 0)
            _ = query.fts5
            for r in query.ranges(in: text) { #expect(!text[r].isEmpty, place) }
            _ = query.excerpt(of: text, length: random.below(30))
        }
    }

    @Test("A Chinese word is found exactly where it is a substring", arguments: [41, 42] as [UInt64])
    func substring(seed: UInt64) {
        var random = SeededRandom(seed)
        let letters = Array("售后服务，a ")
        for round in 0..<2000 {
            let text = String((0..<random.below(12)).map { _ in letters[random.below(letters.count)] })
            let word = String((0..<(1 + random.below(4))).map { _ in letters[random.below(4)] })
            let found = SearchQuery(word).matches(TextAnalyser.documentTokens([text]))
            #expect(found == text.contains(word), "seed \(seed) round \(round): \(word) in \(text)")
        }
    }
}

/// Against 9,259 Chinese reviews of devices, with the counts that plain substring search gives.
@Suite struct SearchDataTests {
    @Test("Every term is found as often as in the real texts")
    func reviews() throws {
        guard let folder = dataFolder?.appending(path: "text_zh") else {
            print("skipped: no folder ../shared/data beside the package")
            return
        }
        let gzip = Process()
        let pipe = Pipe()
        gzip.executableURL = URL(filePath: "/usr/bin/env")
        gzip.arguments = ["gzip", "-dc", folder.appending(path: "reviews_zh.csv.gz").path]
        gzip.standardOutput = pipe
        try gzip.run()
        let bytes = [UInt8](pipe.fileHandleForReading.readDataToEndOfFile())
        gzip.waitUntilExit()
        let rows = try CSV.Reader.rows(of: bytes).dropFirst()
        let expected = try JSON.parse([UInt8](Data(contentsOf: folder.appending(path: "expected.json"))))
        #expect(Int64(rows.count) == expected["rows"]?.int)

        let texts = rows.map { $0.fields[2] }
        let documents = texts.map { TextAnalyser.documentTokens([$0]) }
        // By first token, as an engine would: only these documents need a closer look.
        var postings: [String: [Int]] = [:]
        for (i, d) in documents.enumerated() {
            for token in Set(d) { postings[token, default: []].append(i) }
        }
        func count(_ query: String) -> Int {
            let q = SearchQuery(query)
            let first = q.terms.first?.tokens.first ?? ""
            return (postings[first] ?? []).count { q.matches(documents[$0]) }
        }
        var differences: [String] = []
        func compare(_ name: String, _ query: String, _ substring: Int64?) {
            let got = count(query)
            let isChinese = query.unicodeScalars.allSatisfy {
                $0 == " " || TextAnalyser.classify($0) == .han
            }
            if isChinese {
                #expect(Int64(got) == substring, "\(name)")
            } else {
                // Whole words in any case and width: differs from substrings by what is written together.
                differences.append("\(name): \(got), substrings \(substring ?? 0)")
            }
        }
        for m in expected["rows_containing"]?.members ?? [] { compare(m.name, m.name, m.value.int) }
        for m in expected["both"]?.members ?? [] {
            compare(m.name, m.name.replacing("+", with: " "), m.value.int)
        }
        // The words of each text by other means: cut at everything but ASCII letters and digits.
        let words = texts.map {
            Set(
                $0.precomposedStringWithCompatibilityMapping.lowercased().utf8.split {
                    !isTokenByte($0) || $0 < 0x30 || $0 > 0x7A || $0 == 0x5E || $0 == 0x5F || $0 == 0x60
                }.map { String($0) ?? "" })
        }
        for m in expected["rows_containing_ci"]?.members ?? [] {
            compare(m.name + " in any case", m.name, m.value.int)
            #expect(count(m.name) == words.count { $0.contains(m.name) }, "\(m.name)")
        }
        print("text_zh, Latin terms: " + differences.joined(separator: "; "))
    }
}
