import Testing

@testable import Base

/// A part as a whole.
struct WholePart: Equatable {
    var header: Multipart.Header
    var data: [UInt8] = []
    var isEnded = false
    var text: String { String(decoding: data, as: UTF8.self) }
}

/// Events with the data of each part put together: what must not depend on the chunks.
func wholeParts(_ events: [Multipart.Event]) -> [WholePart] {
    var out: [WholePart] = []
    for e in events {
        switch e {
        case .part(let h): out.append(WholePart(header: h))
        case .data(let d): if !out.isEmpty { out[out.count - 1].data += d }
        case .end: if !out.isEmpty { out[out.count - 1].isEnded = true }
        }
    }
    return out
}

func readMultipart(
    _ chunks: [[UInt8]], boundary: String = "XX", limits: Multipart.Limits = .init()
) throws -> [WholePart] {
    var reader = Multipart(boundary: boundary, limits: limits)
    var events: [Multipart.Event] = []
    for c in chunks { events += try reader.feed(c) }
    try reader.finish()
    return wholeParts(events)
}

@Suite struct MultipartTests {
    private func read(_ text: String, limits: Multipart.Limits = .init()) throws -> [WholePart] {
        try readMultipart([Array(text.utf8)], limits: limits)
    }

    static let sample =
        "preamble\r\n--XX\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n坏了\r\n"
        + "--XX  \r\ncontent-disposition: form-data; name=file; filename=\"a.txt\"\r\n"
        + "Content-Type: Text/Plain; charset=utf-8\r\n\r\nline\r\n--X\r\n--XY?\r\r\n\r\n"
        + "--XX\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n--XX--\r\nepilogue --XX\r\n"

    @Test("A body of three parts")
    func reads() throws {
        // `--XY` begins like the boundary's line and is none.
        let parts = try read(Self.sample)
        #expect(parts.map(\.header.name) == ["title", "file", "empty"])
        #expect(parts.map(\.text) == ["坏了", "line\r\n--X\r\n--XY?\r\r\n", ""])
        #expect(parts.map(\.header.fileName) == [nil, "a.txt", nil])
        #expect(parts[1].header.contentType == "text/plain")
        #expect(parts.allSatisfy { $0.isEnded })
    }

    @Test("Cut anywhere it is the same")
    func everyCut() throws {
        let bytes = Array(Self.sample.utf8)
        let whole = try readMultipart([bytes])
        for i in 0...bytes.count {
            let parts = try readMultipart([Array(bytes[..<i]), Array(bytes[i...])])
            #expect(parts == whole, "cut at \(i)")
        }
        #expect(try readMultipart(bytes.map { [$0] }) == whole)
    }

    @Test(
        "File names are cleaned",
        arguments: [
            ("filename=\"a.txt\"", "a.txt"),
            ("filename=\"../../etc/passwd\"", "passwd"),
            ("filename=\"C:\\Users\\x\\b.doc\"", "b.doc"),
            ("filename=\"a\\\"b.txt\"", "a_b.txt"),
            ("filename=\"%22x%22.txt\"", "_x_.txt"),
            ("filename=\"100%25.txt\"", "100%25.txt"),
            ("filename=\"图 片.png\"", "图 片.png"),
            ("filename=\"fallback\"; filename*=UTF-8''%E5%9B%BE.png", "图.png"),
            ("filename*=utf-8'en'..%2F..%2Fx.sh", "x.sh"),
            ("filename=\"a%0D%0Ab.txt\"", "a b.txt"),
            ("filename=\"exe\u{202E}gpj.txt\"", "exegpj.txt"),
            ("filename=\"\"", "file"),
            ("filename=\"..\"", "file"),
            ("filename=\".htaccess\"", "htaccess"),
            ("filename=\"con.txt\"", "_con.txt"),
            ("filename=\"a.txt...\"", "a.txt"),
        ])
    func fileNames(parameter: String, expected: String) throws {
        let parts = try read(
            "--XX\r\nContent-Disposition: form-data; name=\"f\"; \(parameter)\r\n\r\nx\r\n--XX--")
        #expect(parts.first?.header.fileName == expected)
    }

    @Test("Long file names keep their extension")
    func longNames() {
        let name = CleanText.fileName(String(repeating: "图", count: 300) + ".png")
        #expect(name.utf8.count <= 200)
        #expect(name.hasSuffix("图.png"))
        #expect(CleanText.fileName(String(repeating: "a", count: 300)).utf8.count == 200)
    }

    @Test(
        "Refusals",
        arguments: [
            "", "--XX", "--XX--junk but no", "nothing here", "--XX\r\n\r\nno headers\r\n--XX--",
            "--XX\r\nContent-Type: text/plain\r\n\r\nx\r\n--XX--",
            "--XX\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XX--",
            "--XX\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n--XX--",
            "--XX\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\nx\r\n--XX--",
            "--XX\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--XX--",
            "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n folded\r\n\r\nx\r\n--XX--",
            "--XX\r\nContent-Disposition: form-data; name=\"a\u{0}\"\r\n\r\nx\r\n--XX--",
            "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n"
                + "Content-Transfer-Encoding: base64\r\n\r\nx\r\n--XX--",
            "--XX\r\nContent-Disposition: form-data; name=\"a\"; filename*=GBK''x\r\n\r\nx\r\n--XX--",
            "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--XX",
            "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--XXY\r\n",
        ])
    func refuses(text: String) {
        let expected = text == "--XX--junk but no" ? nil : "multipart.syntax"
        #expect(code { try read(text) } == expected)
    }

    @Test("Limits hold")
    func limits() {
        func part(_ name: String, _ content: String) -> String {
            "--XX\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(content)\r\n"
        }
        var limits = Multipart.Limits()
        limits.headerBytes = 80
        limits.parts = 2
        limits.fieldBytes = 10
        limits.totalBytes = 300
        func result(_ text: String) -> String? {
            let whole = code { try read(text, limits: limits) }
            let cut = code { try readMultipart(text.utf8.map { [$0] }, limits: limits) }
            #expect(whole == cut)
            return whole
        }
        #expect(result(part("a", "0123456789") + "--XX--") == nil)
        #expect(result(part("a", "0123456789x") + "--XX--") == "multipart.field_too_large")
        #expect(
            result(part(String(repeating: "a", count: 60), "") + "--XX--")
                == "multipart.headers_too_large")
        #expect(
            result(part("a", "") + part("b", "") + part("c", "") + "--XX--") == "multipart.too_many_parts")
        #expect(
            result(String(repeating: "x", count: 301)) == "multipart.too_large")
    }

    @Test("Boundaries from the content type")
    func boundaries() throws {
        #expect(try Multipart.boundary(contentType: "multipart/form-data; boundary=abc") == "abc")
        #expect(
            try Multipart.boundary(contentType: "Multipart/Form-Data; charset=x; Boundary=\"a b:c\"")
                == "a b:c")
        for (type, expected) in [
            ("text/plain", "multipart.media_type"), ("", "multipart.media_type"),
            ("multipart/form-data", "multipart.boundary"),
            ("multipart/form-data; boundary=\"\"", "multipart.boundary"),
            ("multipart/form-data; boundary=\"a \"", "multipart.boundary"),
            ("multipart/form-data; boundary=\"\(String(repeating: "x", count: 71))\"", "multipart.boundary"),
            ("multipart/form-data; boundary=a; boundary=b", "multipart.media_type"),
        ] {
            #expect(code { try Multipart.boundary(contentType: type) } == expected, "\(type)")
        }
    }
}
