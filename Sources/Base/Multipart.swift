/// A reader of `multipart/form-data` (RFC 7578, RFC 2046 § 5.1) that is fed with chunks and never holds
/// more than a part's headers or a boundary's length: files go through it piece by piece.
///
/// Refusals: `multipart.syntax`, `multipart.boundary`, `multipart.headers_too_large`,
/// `multipart.too_many_parts`, `multipart.too_large`, `multipart.field_too_large`. After a refusal the
/// reader is spent.
public struct Multipart: Sendable {
    /// What a body may not exceed.
    public struct Limits: Sendable {
        /// Bytes of one part's headers.
        public var headerBytes = 8192
        public var parts = 200
        /// Bytes of one part that is no file (callers keep those in memory).
        public var fieldBytes = 1 << 20
        /// Bytes of the whole body.
        public var totalBytes = 64 << 20
        public init() {}
    }

    /// What a part says of itself.
    public struct Header: Sendable, Equatable {
        public var name: String
        /// Cleaned by `CleanText.fileName`; nil where the part is no file.
        public var fileName: String?
        /// As declared, in lower case and without parameters: never to be trusted.
        public var contentType: String?
    }

    public enum Event: Sendable, Equatable {
        /// A part begins.
        case part(Header)
        /// Some of the part's content; any number of times.
        case data([UInt8])
        /// The part is whole.
        case end
    }

    private enum State { case preamble, afterBoundary, headers, body, epilogue }

    private let limits: Limits
    /// CRLF, two hyphens and the boundary.
    private let delimiter: [UInt8]
    private var state = State.preamble
    /// What is not yet decided. Begins with CRLF, so that the first boundary is found like any other.
    private var pending: [UInt8] = [0x0D, 0x0A]
    private var total = 0
    private var parts = 0
    /// Bytes left for the part at hand; nil for a file.
    private var fieldBytesLeft: Int?

    public init(boundary: String, limits: Limits = Limits()) {
        self.limits = limits
        delimiter = [0x0D, 0x0A, 0x2D, 0x2D] + Array(boundary.utf8)
    }

    /// The boundary in a `Content-Type` header; refuses `multipart.boundary` where the header has none
    /// that RFC 2046 allows, and `multipart.media_type` where it is of another type.
    public static func boundary(contentType: String) throws -> String {
        guard let value = HeaderValue(Array(contentType.utf8)), value.word == "multipart/form-data"
        else { throw Failure(.unsupportedMedia, "multipart.media_type") }
        guard let boundary = value.parameters["boundary"], (1...70).contains(boundary.utf8.count),
            boundary.utf8.last != 0x20, boundary.utf8.allSatisfy(isBoundaryByte)
        else { throw Failure(.malformed, "multipart.boundary") }
        return boundary
    }

    /// bchars (RFC 2046 § 5.1.1).
    private static func isBoundaryByte(_ b: UInt8) -> Bool {
        switch b {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x27...0x29, 0x2B...0x2F, 0x3A, 0x3D, 0x3F, 0x5F,
            0x20:
            true
        default: false
        }
    }

    /// Takes the next bytes of the body.
    public mutating func feed(_ chunk: some Collection<UInt8>) throws -> [Event] {
        total += chunk.count
        guard total <= limits.totalBytes else {
            throw Failure(.tooLarge, "multipart.too_large", ["max": String(limits.totalBytes)])
        }
        guard state != .epilogue else { return [] }
        pending.append(contentsOf: chunk)
        var events: [Event] = []
        var at = 0
        while try step(&at, &events) {}
        pending.removeFirst(min(at, pending.count))
        return events
    }

    /// The end of the body: it must have come after the closing boundary.
    public func finish() throws {
        guard state == .epilogue else { throw syntax }
    }

    private var syntax: Failure {
        Failure(.malformed, "multipart.syntax", ["part": String(parts)])
    }

    /// One decision from `at` on; false where more bytes are needed.
    private mutating func step(_ at: inout Int, _ events: inout [Event]) throws -> Bool {
        switch state {
        case .preamble, .body:
            let (end, found) = search(from: at)
            if state == .body, end > at {
                try count(end - at)
                events.append(.data(Array(pending[at..<end])))
            }
            at = found ? end + delimiter.count : end
            guard found else { return false }
            if state == .body { events.append(.end) }
            state = .afterBoundary
            return true
        case .afterBoundary:
            // `--` closes; white space may follow a boundary before its line end.
            var i = at
            while i < pending.count, pending[i] == 0x20 || pending[i] == 0x09 { i += 1 }
            guard i - at <= 64 else { throw syntax }
            guard i < pending.count else { return false }
            if pending[i] == 0x2D, i == at {
                guard i + 1 < pending.count else { return false }
                guard pending[i + 1] == 0x2D else { throw syntax }
                state = .epilogue
                at = pending.count
                return false
            }
            guard pending[i] == 0x0D else { throw syntax }
            guard i + 1 < pending.count else { return false }
            guard pending[i + 1] == 0x0A else { throw syntax }
            at = i + 2
            state = .headers
            return true
        case .headers:
            guard let end = blankLine(from: at) else {
                guard pending.count - at <= limits.headerBytes + 4 else { throw headersTooLarge }
                return false
            }
            guard end - at <= limits.headerBytes else { throw headersTooLarge }
            parts += 1
            guard parts <= limits.parts else {
                throw Failure(
                    .tooLarge, "multipart.too_many_parts", ["max": String(limits.parts)])
            }
            guard let header = Header(lines: pending[at..<end]) else { throw syntax }
            fieldBytesLeft = header.fileName == nil ? limits.fieldBytes : nil
            events.append(.part(header))
            // The line end of the blank line may be the beginning of a boundary (an empty part).
            at = end + 2
            state = .body
            return true
        case .epilogue:
            at = pending.count
            return false
        }
    }

    private var headersTooLarge: Failure {
        Failure(.tooLarge, "multipart.headers_too_large", ["max": String(limits.headerBytes)])
    }

    private mutating func count(_ n: Int) throws {
        guard let left = fieldBytesLeft else { return }
        guard n <= left else {
            throw Failure(
                .tooLarge, "multipart.field_too_large", ["max": String(limits.fieldBytes)])
        }
        fieldBytesLeft = left - n
    }

    /// Where the next delimiter begins, or how far the bytes are certainly none.
    private func search(from start: Int) -> (end: Int, found: Bool) {
        pending.withUnsafeBufferPointer { p in
            var i = start
            while i < p.count {
                guard p[i] == 0x0D else {
                    i += 1
                    continue
                }
                var k = 1
                while k < delimiter.count, i + k < p.count, p[i + k] == delimiter[k] { k += 1 }
                if k == delimiter.count { return (i, true) }
                if i + k == p.count { return (i, false) }
                i += 1
            }
            return (i, false)
        }
    }

    /// Where the header lines end: the offset of the line end before the blank line.
    private func blankLine(from start: Int) -> Int? {
        var i = start
        // No header at all: the caller refuses it, as it refuses a part without a name.
        if i + 1 < pending.count, pending[i] == 0x0D, pending[i + 1] == 0x0A { return start }
        while i + 3 < pending.count {
            if pending[i] == 0x0D, pending[i + 1] == 0x0A, pending[i + 2] == 0x0D,
                pending[i + 3] == 0x0A
            {
                return i + 2
            }
            i += 1
        }
        return nil
    }
}

extension Multipart.Header {
    /// From header lines each ended by CRLF; nil where they are not those of a form's part.
    init?(lines: ArraySlice<UInt8>) {
        var disposition: HeaderValue?
        var type: HeaderValue?
        var rest = lines
        while !rest.isEmpty {
            guard let end = rest.firstIndex(of: 0x0D), end + 1 < rest.endIndex, rest[end + 1] == 0x0A
            else { return nil }
            let line = rest[rest.startIndex..<end]
            rest = rest[(end + 2)...]
            guard let colon = line.firstIndex(of: 0x3A), colon > line.startIndex,
                line[..<colon].allSatisfy(isTokenByte),
                line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
            else { return nil }
            let value = Array(line[(colon + 1)...])
            switch String(decoding: line[..<colon], as: UTF8.self).lowercased() {
            case "content-disposition":
                guard disposition == nil, let v = HeaderValue(value) else { return nil }
                disposition = v
            case "content-type":
                guard type == nil, let v = HeaderValue(value) else { return nil }
                type = v
            case "content-transfer-encoding":
                guard let v = HeaderValue(value), ["binary", "8bit", "7bit"].contains(v.word) else {
                    return nil
                }
            default: continue
            }
        }
        guard let disposition, disposition.word == "form-data",
            let name = disposition.parameters["name"]
        else { return nil }
        self.name = Multipart.Header.unescaped(name)
        var file = disposition.parameters["filename"].map(Multipart.Header.unescaped)
        if let extended = disposition.parameters["filename*"] {
            guard let decoded = Multipart.Header.extended(extended) else { return nil }
            file = decoded
        }
        fileName = file.map { CleanText.fileName($0) }
        contentType = type?.word
    }

    /// Undoes what browsers do to names (WHATWG HTML, "multipart/form-data encoding"): only these
    /// three are encoded, so that `100%25.txt` stays itself.
    private static func unescaped(_ s: String) -> String {
        s.replacing("%22", with: "\"").replacing("%0D", with: "\r").replacing("%0A", with: "\n")
    }

    /// `UTF-8''%e2%82%ac.txt` (RFC 8187 § 3.2.1); other character sets are refused.
    private static func extended(_ s: String) -> String? {
        let pieces = s.utf8.split(separator: 0x27, maxSplits: 2, omittingEmptySubsequences: false)
        guard pieces.count == 3, let charset = String(pieces[0]), charset.uppercased() == "UTF-8",
            let bytes = percentDecoded(Array(pieces[2])[...])
        else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// A header's value with parameters: `form-data; name="a"; filename="b.txt"` (RFC 9110 § 5.6.6).
struct HeaderValue {
    /// What stands before the first semicolon, in lower case.
    let word: String
    /// By name in lower case; a name that comes twice makes the whole value invalid.
    let parameters: [String: String]

    /// nil where it is no such value or not UTF-8.
    init?(_ bytes: [UInt8]) {
        var i = 0
        func space() { while i < bytes.count, bytes[i] == 0x20 || bytes[i] == 0x09 { i += 1 } }
        func text(_ b: some Collection<UInt8>) -> String? { String(validating: b, as: UTF8.self) }
        space()
        let start = i
        while i < bytes.count, isTokenByte(bytes[i]) || bytes[i] == 0x2F { i += 1 }
        guard i > start, let word = text(bytes[start..<i]) else { return nil }
        self.word = word.lowercased()
        var found: [String: String] = [:]
        while true {
            space()
            guard i < bytes.count else { break }
            guard bytes[i] == 0x3B else { return nil }
            i += 1
            space()
            // A semicolon at the end.
            guard i < bytes.count else { break }
            let nameStart = i
            while i < bytes.count, isTokenByte(bytes[i]) { i += 1 }
            guard i > nameStart, i < bytes.count, bytes[i] == 0x3D,
                let name = text(bytes[nameStart..<i])?.lowercased(), found[name] == nil
            else { return nil }
            i += 1
            var value: [UInt8] = []
            if i < bytes.count, bytes[i] == 0x22 {
                i += 1
                while i < bytes.count, bytes[i] != 0x22 {
                    // Only a quote or a backslash is escaped: `C:\dir\a.txt` keeps its backslashes.
                    if bytes[i] == 0x5C, i + 1 < bytes.count,
                        bytes[i + 1] == 0x22 || bytes[i + 1] == 0x5C
                    {
                        i += 1
                    }
                    value.append(bytes[i])
                    i += 1
                }
                guard i < bytes.count else { return nil }
                i += 1
            } else {
                while i < bytes.count, bytes[i] != 0x3B, bytes[i] != 0x20, bytes[i] != 0x09 {
                    value.append(bytes[i])
                    i += 1
                }
                guard !value.isEmpty else { return nil }
            }
            guard let decoded = text(value) else { return nil }
            found[name] = decoded
        }
        parameters = found
    }
}
