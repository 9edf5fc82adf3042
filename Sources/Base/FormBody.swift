/// The fields of a page's form or of a query: `application/x-www-form-urlencoded`
/// (WHATWG URL § 5.1), in the order in which they came, repeated names kept.
public struct FormBody: Sendable, Equatable {
    public struct Field: Sendable, Equatable {
        public var name: String
        public var value: String
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// What a body may not exceed; sizes in bytes before decoding.
    public struct Limits: Sendable {
        public var bytes = 1 << 20
        public var fields = 1000
        public var nameBytes = 256
        public init() {}
    }

    public var fields: [Field]

    public init(_ fields: [Field] = []) { self.fields = fields }

    /// Refusals: `form.too_large`, `form.too_many`, `form.syntax` (a `%` without two hexadecimal
    /// digits), `form.encoding` (not UTF-8), `form.nul`; those about one field with its number from 1
    /// as `field`.
    public static func parse(_ bytes: [UInt8], limits: Limits = Limits()) throws -> FormBody {
        guard bytes.count <= limits.bytes else {
            throw Failure(.tooLarge, "form.too_large", ["max": String(limits.bytes)])
        }
        var out: [Field] = []
        for piece in bytes.split(separator: 0x26) {
            guard out.count < limits.fields else {
                throw Failure(.tooLarge, "form.too_many", ["max": String(limits.fields)])
            }
            let at = piece.firstIndex(of: 0x3D)
            let name = piece[..<(at ?? piece.endIndex)]
            guard name.count <= limits.nameBytes else {
                throw Failure(.tooLarge, "form.too_large", ["max": String(limits.nameBytes)])
            }
            let value = at.map { piece[piece.index(after: $0)...] }
            let number = out.count + 1
            out.append(
                Field(
                    try decode(name, number: number),
                    try value.map { try decode($0, number: number) } ?? ""))
        }
        return FormBody(out)
    }

    public static func parse(_ text: String, limits: Limits = Limits()) throws -> FormBody {
        try parse(Array(text.utf8), limits: limits)
    }

    /// The first value of that name.
    public subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// All values of that name, in order.
    public func all(_ name: String) -> [String] {
        fields.filter { $0.name == name }.map(\.value)
    }

    /// The value of a field that may come once: more is `form.repeated`, because two readers of the
    /// same request would choose differently.
    public func only(_ name: String) throws -> String? {
        let values = all(name)
        guard values.count <= 1 else {
            throw Failure(.malformed, "form.repeated", ["name": name])
        }
        return values.first
    }

    /// Written as such a body again.
    public var encoded: String {
        fields.map { FormBody.encode($0.name) + "=" + FormBody.encode($0.value) }
            .joined(separator: "&")
    }

    /// One name or value, percent-encoded but for letters, digits and `*-._`; a space becomes `+`.
    public static func encode(_ text: String) -> String {
        var out: [UInt8] = []
        for b in text.utf8 {
            switch b {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2A, 0x2D, 0x2E, 0x5F: out.append(b)
            case 0x20: out.append(0x2B)
            default:
                out.append(0x25)
                out.append(upperHexDigit(b >> 4))
                out.append(upperHexDigit(b & 15))
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func upperHexDigit(_ v: UInt8) -> UInt8 { v < 10 ? 0x30 + v : 0x37 + v }

    private static func decode(_ bytes: ArraySlice<UInt8>, number: Int) throws -> String {
        let place = ["field": String(number)]
        guard let decoded = percentDecoded(bytes, plusIsSpace: true) else {
            throw Failure(.malformed, "form.syntax", place)
        }
        guard !decoded.contains(0) else { throw Failure(.malformed, "form.nul", place) }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw Failure(.malformed, "form.encoding", place)
        }
        return text
    }
}

/// The bytes that percent-encoding stands for (RFC 3986 § 2.1); nil where a `%` lacks its two digits.
func percentDecoded(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool = false) -> [UInt8]? {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var rest = bytes.makeIterator()
    while let b = rest.next() {
        switch b {
        case 0x25:
            guard let high = rest.next().flatMap(hexValue), let low = rest.next().flatMap(hexValue)
            else { return nil }
            out.append(high << 4 | low)
        case 0x2B where plusIsSpace: out.append(0x20)
        default: out.append(b)
        }
    }
    return out
}

private func hexValue(_ b: UInt8) -> UInt8? {
    switch b {
    case 0x30...0x39: b - 0x30
    case 0x41...0x46: b - 0x37
    case 0x61...0x66: b - 0x57
    default: nil
    }
}
