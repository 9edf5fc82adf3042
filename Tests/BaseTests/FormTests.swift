import Testing

@testable import Base

@Suite struct FormTests {
    @Test(
        "Bodies of forms",
        arguments: [
            ("a=1&b=2", [("a", "1"), ("b", "2")]),
            ("a=1&a=2", [("a", "1"), ("a", "2")]),
            ("a", [("a", "")]),
            ("=x", [("", "x")]),
            ("a=b=c", [("a", "b=c")]),
            ("&&a=1&", [("a", "1")]),
            ("a+b=c+d%2B", [("a b", "c d+")]),
            ("t=%E5%94%AE%E5%90%8E", [("t", "售后")]),
            ("t=售后", [("t", "售后")]),
            ("x=%0d%0A", [("x", "\r\n")]),
            ("", []),
        ])
    func reads(text: String, expected: [(String, String)]) throws {
        let body = try FormBody.parse(text)
        #expect(body.fields == expected.map { FormBody.Field($0.0, $0.1) })
    }

    @Test(
        "Refusals",
        arguments: [
            ("a=%", "form.syntax"), ("a=%4", "form.syntax"), ("a=%zz", "form.syntax"),
            ("%=1", "form.syntax"), ("a=%FF", "form.encoding"), ("a=%C0%80", "form.encoding"),
            ("a=%ED%A0%80", "form.encoding"), ("a=%00", "form.nul"), ("%00=a", "form.nul"),
        ])
    func refuses(text: String, expected: String) {
        #expect(code { try FormBody.parse(text) } == expected)
    }

    @Test("Limits and repeated names")
    func limits() throws {
        var limits = FormBody.Limits()
        limits.bytes = 20
        limits.fields = 3
        limits.nameBytes = 5
        #expect(code { try FormBody.parse("a=1&b=2&c=3", limits: limits) } == nil)
        #expect(code { try FormBody.parse("a&b&c&d", limits: limits) } == "form.too_many")
        #expect(code { try FormBody.parse("abcdef=1", limits: limits) } == "form.too_large")
        #expect(
            code { try FormBody.parse(String(repeating: "a", count: 21), limits: limits) }
                == "form.too_large")
        let body = try FormBody.parse("a=1&b=2&a=3")
        #expect(body["a"] == "1")
        #expect(body.all("a") == ["1", "3"])
        #expect(try body.only("b") == "2")
        #expect(try body.only("c") == nil)
        #expect(code { try body.only("a") } == "form.repeated")
    }

    @Test("What is written is read again", arguments: [11, 12, 13] as [UInt64])
    func roundTrip(seed: UInt64) throws {
        var random = SeededRandom(seed)
        for _ in 0..<300 {
            let body = FormBody(
                (0..<random.below(5)).map { _ in
                    .init("n" + random.text(upTo: 3), random.text(upTo: 10))
                })
            #expect(try FormBody.parse(body.encoded) == body, "seed \(seed)")
        }
    }

    @Test(
        "Cookie headers",
        arguments: [
            ("a=1; b=2", [("a", "1"), ("b", "2")]),
            ("a=1;b=2;", [("a", "1"), ("b", "2")]),
            (" a = 1 ", [("a", "1")]),
            ("a=\"x\"", [("a", "x")]),
            ("a=x=y", [("a", "x=y")]),
            ("junk; a=1; =2; b c=3; d=é; e=a\"b", [("a", "1")]),
            ("a=1; a=2", [("a", "1"), ("a", "2")]),
            ("", []),
            (";;;", []),
        ])
    func cookies(header: String, expected: [(String, String)]) {
        #expect(Cookies(header: header).pairs == expected.map { FormBody.Field($0.0, $0.1) })
    }

    @Test("Cookies are limited")
    func cookieLimits() {
        let many = (0..<100).map { "c\($0)=1" }.joined(separator: "; ")
        #expect(Cookies(header: many).pairs.count == 64)
        #expect(Cookies(header: "a=" + String(repeating: "x", count: 20_000)).pairs.isEmpty)
    }

    @Test("Setting cookies")
    func setCookie() throws {
        #expect(
            try SetCookie("session", "abc", maxAgeS: 60, secure: true).header
                == "session=abc; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax")
        #expect(
            try SetCookie.removal(of: "s", secure: false).header
                == "s=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
        for (name, value) in [
            ("a b", "x"), ("", "x"), ("a", "x;y"), ("a", "x\r\nSet-Cookie: b=1"), ("a", "é"),
        ] {
            #expect(code { try SetCookie(name, value, secure: true).header } == "cookie.value")
        }
    }
}
