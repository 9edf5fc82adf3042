import Testing

@testable import Base

@Suite struct JSONTests {
    @Test(
        "Values",
        arguments: [
            ("null", .null), (" true ", .bool(true)), ("-0", .int(0)), ("9223372036854775807", .int(.max)),
            ("-9223372036854775808", .int(.min)), ("1.5", .double(1.5)), ("1e2", .double(100)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("\"\"", .string("")),
            ("\"\\u4e2d\\uD83D\\uDE00\\n\\/\"", .string("中😀\n/")), ("[]", .array([])), ("{}", .object([])),
            ("\u{FEFF}[1]", .array([.int(1)])), ("1e-400", .double(0)),
            ("{\"b\":1,\"a\":[{}]}", .object([.init("b", .int(1)), .init("a", .array([.object([])]))])),
        ] as [(String, JSON)])
    func reads(text: String, expected: JSON) throws {
        #expect(try JSON.parse(text) == expected)
    }

    @Test(
        "Refusals (RFC 8259, RFC 7493)",
        arguments: [
            ("", "json.syntax"), (" ", "json.syntax"), ("nul", "json.syntax"), ("nullx", "json.syntax"),
            ("01", "json.syntax"), ("-", "json.syntax"), ("1.", "json.syntax"), (".5", "json.syntax"),
            ("+1", "json.syntax"), ("1e", "json.syntax"), ("NaN", "json.syntax"), ("Infinity", "json.syntax"),
            ("[1,]", "json.syntax"), ("[1", "json.syntax"), ("{\"a\":1,}", "json.syntax"),
            ("{\"a\"}", "json.syntax"), ("{a:1}", "json.syntax"), ("{\"a\":1", "json.syntax"),
            ("\"a", "json.syntax"), ("\"\\", "json.syntax"), ("\"\\x\"", "json.syntax"),
            ("\"\\u12\"", "json.syntax"), ("\"\\u12G4\"", "json.syntax"), ("\"a\nb\"", "json.syntax"),
            ("\"a\u{0}b\"", "json.syntax"), ("\u{0}", "json.syntax"), ("1 2", "json.syntax"),
            ("'a'", "json.syntax"), ("// x\n1", "json.syntax"),
            ("\"\\u0000\"", "json.nul"), ("{\"a\\u0000\":1}", "json.nul"),
            ("\"\\uD800\"", "json.encoding"), ("\"\\uDC00\"", "json.encoding"),
            ("\"\\uD800\\uD800\"", "json.encoding"), ("\"\\uD800x\"", "json.encoding"),
            ("\"\\uD800\\n\"", "json.encoding"),
            ("{\"a\":1,\"a\":2}", "json.duplicate_key"), ("{\"a\":1,\"\\u0061\":2}", "json.duplicate_key"),
            ("[{\"x\":{\"k\":1,\"k\":1}}]", "json.duplicate_key"),
            ("1e309", "json.number"), ("-1e309", "json.number"),
            (String(repeating: "9", count: 65), "json.number"),
            (String(repeating: "9", count: 100_000), "json.number"),
            (String(repeating: "[", count: 10_000), "json.depth"),
            (
                String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000),
                "json.depth"
            ),
            (String(repeating: "{\"a\":", count: 10_000), "json.depth"),
        ])
    func refuses(text: String, expected: String) {
        #expect(code { try JSON.parse(text) } == expected)
    }

    @Test(
        "Bytes that are no UTF-8",
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xCA, 0xDB, 0x22], [0xFF, 0xFE, 0x31, 0x00], [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22],
        ])
    func encoding(bytes: [UInt8]) {
        #expect(code { try JSON.parse(bytes) } == "json.encoding")
    }

    @Test("Depth is counted exactly")
    func depth() {
        func nested(_ n: Int) -> String {
            String(repeating: "[", count: n) + String(repeating: "]", count: n)
        }
        #expect(code { try JSON.parse(nested(32)) } == nil)
        #expect(code { try JSON.parse(nested(33)) } == "json.depth")
        #expect(code { try JSON.parse(nested(3), maxDepth: 2) } == "json.depth")
    }

    static func random(_ r: inout SeededRandom, depth: Int = 0) -> JSON {
        switch r.below(depth > 4 ? 5 : 7) {
        case 0: .null
        case 1: .bool(r.below(2) == 0)
        case 2: .int(Int64(bitPattern: r.next()) >> Int64(r.below(64)))
        case 3: .double(Double(r.below(2_000_001) - 1_000_000) / 1024 + 0.0001)
        case 4: .string(r.text(upTo: 8))
        case 5: .array((0..<r.below(4)).map { _ in random(&r, depth: depth + 1) })
        default:
            .object(
                (0..<r.below(4)).map { i in
                    .init("\(i)" + r.text(upTo: 3), random(&r, depth: depth + 1))
                })
        }
    }

    @Test("What is written is read again", arguments: [51, 52, 53] as [UInt64])
    func roundTrip(seed: UInt64) throws {
        var r = SeededRandom(seed)
        for round in 0..<500 {
            let value = JSON.random(&r)
            #expect(try JSON.parse(value.bytes) == value, "seed \(seed) round \(round)")
            #expect(try JSON.parse(value.pretty()) == value, "seed \(seed) round \(round)")
        }
    }
}

extension JSON {
    fileprivate static func random(_ r: inout SeededRandom) -> JSON { JSONTests.random(&r) }
}
