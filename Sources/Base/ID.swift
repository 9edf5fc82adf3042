/// An id of one kind of row: opaque text made by the application, ordered by time of making.
///
/// 26 characters of Crockford's base 32: 48 bits of milliseconds, 80 bits of randomness
/// (the layout of ULID, github.com/ulid/spec). Rows made together lie together in an index.
public struct ID<Kind>: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let text: String

    /// Wraps an id that comes from the store or from a caller; nothing is checked but its shape.
    public init(_ text: String) { self.text = text }

    /// Whether a text looks like one of these, and not like a number that people gave.
    public static func hasShape(_ text: String) -> Bool {
        text.utf8.count == 26 && text.utf8.allSatisfy { crockford.contains($0) }
    }

    public var description: String { text }
    public static func < (a: ID, b: ID) -> Bool { a.text < b.text }

    /// A new id.
    public static func make(at now: Instant) -> ID {
        var generator = SystemRandomNumberGenerator()
        return make(at: now, using: &generator)
    }

    /// A new id that lies behind those made before it in the same millisecond with lower `sequence`.
    public static func make(at now: Instant, sequence: Int) -> ID {
        let id = make(at: now)
        var digits = [UInt8](id.text.utf8)
        for i in 0..<3 { digits[12 - i] = crockford[(sequence >> (5 * i)) & 31] }
        return ID(String(decoding: digits, as: UTF8.self))
    }

    /// A new id from a given source of randomness (the demo world repeats itself by its seed).
    public static func make(at now: Instant, using random: inout some RandomNumberGenerator) -> ID {
        let high = random.next() as UInt64
        let low = random.next() as UInt64
        return ID(
            String(unsafeUninitializedCapacity: 26) { out in
                var time = UInt64(max(0, now.ms))
                for i in stride(from: 9, through: 0, by: -1) {
                    out[i] = crockford[Int(time & 31)]
                    time >>= 5
                }
                for i in 0..<8 { out[10 + i] = crockford[Int((high >> UInt64(i * 5)) & 31)] }
                for i in 0..<8 { out[18 + i] = crockford[Int((low >> UInt64(i * 5)) & 31)] }
                return 26
            })
    }
}

extension ID: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }
    public func encode(to encoder: any Encoder) throws {
        var c = encoder.singleValueContainer()
        try c.encode(text)
    }
}

/// Digits of Crockford's base 32: no I, L, O, U, in order of their code points.
private let crockford: [UInt8] = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

/// The kinds of id, one empty type each; the areas add theirs.
public enum AccountKind {}
public enum OrganizationKind {}
public enum ProjectKind {}
public enum SiteKind {}
public enum TicketKind {}
public enum ProductKind {}
public enum ProductUnitKind {}

public typealias AccountID = ID<AccountKind>
public typealias OrganizationID = ID<OrganizationKind>
public typealias ProjectID = ID<ProjectKind>
public typealias SiteID = ID<SiteKind>
public typealias TicketID = ID<TicketKind>
public typealias ProductID = ID<ProductKind>
public typealias ProductUnitID = ID<ProductUnitKind>
