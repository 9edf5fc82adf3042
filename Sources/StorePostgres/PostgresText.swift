import Store

/// A statement's text as PostgreSQL wants it, `$1, $2 …` for each `?` outside quotes. Texts are literals
/// of this program, so there are only so many of them.
enum PostgresText {
    static func numbered(_ text: String) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(text.utf8.count + 16)
        var next = 1
        var quote: UInt8?
        for byte in text.utf8 {
            if let open = quote {
                if byte == open { quote = nil }
                out.append(byte)
            } else if byte == UInt8(ascii: "?") {
                out.append(UInt8(ascii: "$"))
                out.append(contentsOf: String(next).utf8)
                next += 1
            } else {
                if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") { quote = byte }
                out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}

/// The types of PostgreSQL that go over the line (pg_type.dat).
enum PostgresType {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let numeric: UInt32 = 1700
    static let tsvector: UInt32 = 3614

    /// Of a bound value; 0 lets the server infer it.
    static func of(_ value: Value) -> UInt32 {
        switch value {
        case .null: 0
        case .int: int8
        case .text: text
        case .blob: bytea
        }
    }
}
