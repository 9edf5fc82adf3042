import Testing

@testable import Base

@Suite struct CSVTests {
    private func fields(_ text: String, equalColumns: Bool = true) throws -> [[String]] {
        try CSV.Reader.rows(of: Array(text.utf8), equalColumns: equalColumns).map(\.fields)
    }

    @Test(
        "RFC 4180 and what programs make of it",
        arguments: [
            ("a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]),
            ("a,b\nc,d", [["a", "b"], ["c", "d"]]),
            ("a,b\rc,d\r", [["a", "b"], ["c", "d"]]),
            ("\u{FEFF}a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
            ("\"a\",\"b \"\"c\"\"\"\n", [["a", "b \"c\""]]),
            ("\"a\r\nb\",c\r\n", [["a\r\nb", "c"]]),
            ("\"a,b\",", [["a,b", ""]]),
            (",\n,\n", [["", ""], ["", ""]]),
            ("a\n\n\r\nb\n", [["a"], ["b"]]),
            ("\"\"\n\"\"", [[""], [""]]),
            ("", []),
            ("\u{FEFF}", []),
            ("\n", []),
            ("a", [["a"]]),
            ("售后,服务\n", [["售后", "服务"]]),
            (" a , b\n", [[" a ", " b"]]),
        ])
    func reads(text: String, expected: [[String]]) throws {
        #expect(try fields(text) == expected)
    }

    @Test(
        "Refusals name line and column",
        arguments: [
            ("a,b\nc\"d,e\n", "csv.syntax", 2, 2),
            ("a,b\n\"c\"d,e\n", "csv.syntax", 2, 4),
            ("售后,\"b\n", "csv.syntax", 1, 4),
            ("a,b\n\nc,d,e\n", "csv.columns", 3, 1),
            ("a\nb\u{0}\n", "csv.nul", 2, 2),
            ("\"x\r\ny\",z\r\nq,\"w\"w", "csv.syntax", 3, 6),
        ])
    func refuses(text: String, expected: String, line: Int, column: Int) throws {
        guard case .failure(let f) = outcome({ try fields(text) }) else {
            Issue.record("read without refusal")
            return
        }
        #expect(f.code == expected)
        #expect(f.arguments["line"] == String(line))
        #expect(f.arguments["column"] == String(column))
    }

    @Test("Places are those of the fields")
    func places() throws {
        let rows = try CSV.Reader.rows(of: Array("售后,b\n\"x\ny\",\"z\"\nq,w\n".utf8))
        #expect(rows.map(\.line) == [1, 2, 4])
        #expect(rows[0].places == [.init(line: 1, column: 1), .init(line: 1, column: 4)])
        #expect(rows[1].places == [.init(line: 2, column: 1), .init(line: 3, column: 4)])
    }

    @Test(
        "Other encodings are refused and guessed",
        arguments: [
            // "售后服务,质量问题" in GBK
            (
                [
                    0xCA, 0xDB, 0xBA, 0xF3, 0xB7, 0xFE, 0xCE, 0xF1, 0x2C, 0xD6, 0xCA, 0xC1, 0xBF, 0xCE,
                    0xCA, 0xCC, 0xE2, 0x0A,
                ], "GB18030"
            ),
            // "售後服務,品質問題" in Big5
            (
                [
                    0xB0, 0xE2, 0xAB, 0xE1, 0xAA, 0x41, 0xB0, 0xC8, 0x2C, 0xAB, 0x7E, 0xBD, 0xE8, 0xB0,
                    0xDD, 0xC3, 0x44, 0x0A,
                ], "Big5"
            ),
            ([0xFF, 0xFE, 0x61, 0x00, 0x0A, 0x00], "UTF-16"),
            ([0xFE, 0xFF, 0x00, 0x61], "UTF-16"),
            ([0x61, 0xFF, 0x62], "?"),
            ([0x61, 0x80], "?"),
        ])
    func encodings(bytes: [UInt8], guess: String) {
        guard case .failure(let f) = outcome({ try CSV.Reader.rows(of: bytes) }) else {
            Issue.record("read without refusal")
            return
        }
        #expect(f.code == "csv.encoding")
        #expect(f.arguments["encoding"] == guess)
        #expect(f.arguments["line"] == "1")
    }

    @Test("Limits hold")
    func limits() {
        var limits = CSV.Limits()
        limits.fieldBytes = 4
        limits.rowBytes = 6
        limits.columns = 3
        func read(_ s: String) -> String? {
            code { try CSV.Reader.rows(of: Array(s.utf8), limits: limits, equalColumns: false) }
        }
        #expect(read("abcd,ef\n") == nil)
        #expect(read("abcde\n") == "csv.too_large")
        #expect(read("\"abcde") == "csv.too_large")
        #expect(read("abc,def,g\n") == "csv.too_large")
        #expect(read(",,\n") == nil)
        #expect(read(",,,\n") == "csv.too_many_columns")
    }

    @Test(
        "Text that a spreadsheet would run gets an apostrophe",
        arguments: [
            ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"), ("\r=1", "'\r=1"), ("＝1", "'＝1"), ("'=1", "''=1"), ("''=1", "'''=1"),
            ("a=1", "a=1"), ("'a", "'a"), ("'", "'"), ("", ""), ("1-2", "1-2"), (" =1", " =1"),
        ])
    func guards(text: String, expected: String) {
        #expect(CSV.guarded(text) == expected)
        #expect(CSV.unguarded(expected) == text)
    }

    @Test("The writer's bytes")
    func writes() {
        var w = CSV.Writer()
        w.row(["a", "b,c", "d\"e"])
        w.row([.text("=1"), .number("-5"), .text("x\ny")])
        w.row([""])
        #expect(w.bytes.prefix(3) == [0xEF, 0xBB, 0xBF])
        #expect(
            String(decoding: w.bytes.dropFirst(3), as: UTF8.self)
                == "a,\"b,c\",\"d\"\"e\"\r\n'=1,-5,\"x\ny\"\r\n\"\"\r\n")
    }

    @Test("What is written is read again, cut anyhow", arguments: [1, 2, 3, 4, 5] as [UInt64])
    func roundTrip(seed: UInt64) throws {
        var random = SeededRandom(seed)
        for round in 0..<200 {
            let columns = 1 + random.below(4)
            let rows = (0..<random.below(5)).map { _ in
                (0..<columns).map { _ in
                    random.text(upTo: 8)
                }
            }
            var w = CSV.Writer()
            for r in rows { w.row(r) }
            var reader = CSV.Reader()
            var got: [CSV.Row] = []
            for c in random.chunks(w.take()) { got += try reader.feed(c) }
            got += try reader.finish()
            // Compared by code points: == on strings would take equivalent spellings for the same.
            #expect(
                got.map { $0.fields.map { Array($0.unicodeScalars) } }
                    == rows.map { $0.map { Array($0.unicodeScalars) } }, "seed \(seed) round \(round)")
        }
    }
}
