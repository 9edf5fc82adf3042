import TestKit
import Testing

@testable import Base

/// Random and damaged input: a value or a named refusal comes out, never a trap, and the same however
/// the input is cut.
@Suite struct FuzzTests {
    static let seeds: [UInt64] = [101, 102, 103, 104]

    private func input(_ random: inout SeededRandom, _ samples: [[UInt8]]) -> [UInt8] {
        random.below(5) == 0 ? random.bytes(upTo: 200) : random.mutated(samples[random.below(samples.count)])
    }

    private func isNamed<T>(_ result: Result<T, Failure>, _ area: String) -> Bool {
        if case .failure(let f) = result { return f.code.hasPrefix(area) }
        return true
    }

    @Test("CSV", arguments: seeds)
    func csv(seed: UInt64) {
        var random = SeededRandom(seed)
        let samples: [[UInt8]] = [
            Array("\u{FEFF}id,title\r\n1,\"a \"\"b\"\"\r\nc\"\r\n2,售后\r\n".utf8),
            Array("a,b,c\n\n'=1,\"\",x\r1,2,3".utf8),
            [0xCA, 0xDB, 0xBA, 0xF3, 0x2C, 0xD6, 0xCA, 0x0A],
        ]
        var limits = CSV.Limits()
        limits.fieldBytes = 64
        limits.columns = 8
        func read(_ chunks: [[UInt8]]) -> Result<[CSV.Row], Failure> {
            outcome {
                var reader = CSV.Reader(limits: limits)
                var rows: [CSV.Row] = []
                for c in chunks { rows += try reader.feed(c) }
                return try rows + reader.finish()
            }
        }
        for round in 0..<1500 {
            let bytes = input(&random, samples)
            let whole = read([bytes])
            let cut = read(random.chunks(bytes))
            #expect(isNamed(whole, "csv."), "seed \(seed) round \(round)")
            switch (whole, cut) {
            case (.success(let a), .success(let b)): #expect(a == b, "seed \(seed) round \(round)")
            case (.failure(var a), .failure(var b)):
                // The guess may see more of the file in one piece than in many.
                a.arguments["encoding"] = nil
                b.arguments["encoding"] = nil
                #expect(a == b, "seed \(seed) round \(round)")
            default: Issue.record("seed \(seed) round \(round): \(whole) or \(cut)")
            }
        }
    }

    @Test("Multipart", arguments: seeds)
    func multipart(seed: UInt64) {
        var random = SeededRandom(seed)
        let samples = [Array(MultipartTests.sample.utf8)]
        var limits = Multipart.Limits()
        limits.headerBytes = 200
        limits.parts = 4
        limits.fieldBytes = 50
        for round in 0..<1500 {
            let bytes = input(&random, samples)
            let whole = outcome { try readMultipart([bytes], limits: limits) }
            let cut = outcome { try readMultipart(random.chunks(bytes), limits: limits) }
            #expect(whole == cut, "seed \(seed) round \(round)")
            #expect(isNamed(whole, "multipart."), "seed \(seed) round \(round)")
        }
    }

    @Test("Multipart holds any content", arguments: seeds)
    func multipartRoundTrip(seed: UInt64) throws {
        var random = SeededRandom(seed)
        for round in 0..<300 {
            // Content full of what looks like boundaries, but none of it is.
            let contents = (0..<random.below(4)).map { _ in
                var c = random.bytes(upTo: 40)
                for _ in 0..<random.below(4) {
                    c += Array(["\r\n--X", "\r\n-", "\r", "\n", "--XX", "\r\r\n--"][random.below(6)].utf8)
                    c += [0x61]
                }
                return c
            }
            var body: [UInt8] = []
            for (i, c) in contents.enumerated() {
                body += Array(
                    "--XX\r\nContent-Disposition: form-data; name=\"\(i)\"; filename=\"f\"\r\n\r\n".utf8)
                body += c + [0x0D, 0x0A]
            }
            body += Array("--XX--\r\n".utf8)
            let parts = try readMultipart(random.chunks(body))
            #expect(parts.map(\.data) == contents, "seed \(seed) round \(round)")
        }
    }

    @Test("Headers, forms, cookies, JSON, names", arguments: seeds)
    func others(seed: UInt64) {
        var random = SeededRandom(seed)
        let forms = [Array("title=%E5%94%AE+x&a=1&a=2&&b".utf8)]
        let cookies = [Array("session=\"abc\"; lang=zh-Hans; a=b=c".utf8)]
        let types = [Array("multipart/form-data; boundary=\"a b\"; charset=utf-8".utf8)]
        let json = [
            Array("{\"a\":[1,-2.5e3,\"\\u4e2d\\uD83D\\uDE00\",null,true],\"b\":{\"c\":\"售后\"}}".utf8)
        ]
        for round in 0..<1500 {
            let place = Comment("seed \(seed) round \(round)")
            let form = outcome { try FormBody.parse(input(&random, forms)) }
            #expect(isNamed(form, "form."), place)
            if case .success(let body) = form {
                #expect(outcome { try FormBody.parse(body.encoded) } == .success(body), place)
            }
            let header = String(decoding: input(&random, cookies), as: UTF8.self)
            for pair in Cookies(header: header).pairs {
                #expect(code { try SetCookie(pair.name, pair.value, secure: true).header } == nil, place)
            }
            let type = String(decoding: input(&random, types), as: UTF8.self)
            #expect(isNamed(outcome { try Multipart.boundary(contentType: type) }, "multipart."), place)
            let value = outcome { try JSON.parse(input(&random, json)) }
            #expect(isNamed(value, "json."), place)
            if case .success(let v) = value {
                #expect(outcome { try JSON.parse(v.bytes) } == .success(v), place)
            }
            let any = String(decoding: random.bytes(upTo: 60), as: UTF8.self)
            #expect(!CleanText.fileName(any).isEmpty, place)
            _ = SearchQuery(any).fts5
        }
    }

    @Test("Every refusal of the text parsers has its sentence in every language")
    func sentences() {
        let codes = [
            "csv.columns", "csv.encoding", "csv.nul", "csv.syntax", "csv.too_large",
            "csv.too_many_columns", "form.encoding", "form.nul", "form.repeated", "form.syntax",
            "form.too_large", "form.too_many", "multipart.boundary", "multipart.field_too_large",
            "multipart.headers_too_large", "multipart.media_type", "multipart.syntax",
            "multipart.too_large", "multipart.too_many_parts", "json.depth", "json.duplicate_key",
            "json.encoding", "json.nul", "json.number", "json.syntax", "text.nul", "text.too_long",
            "cookie.value",
        ]
        for language in Language.allCases {
            for c in codes { #expect(Strings.of(language).has("error." + c), "\(language) \(c)") }
        }
    }
}
