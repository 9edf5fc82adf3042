import Base

/// The grade of a ticket. P1 is the strictest; stricter grades sort first.
public enum Priority: Int, Sendable, CaseIterable, Comparable, Codable {
    case p1 = 1
    case p2, p3, p4

    /// `P1` to `P4`.
    public init?(code: String) {
        guard let found = Priority.allCases.first(where: { $0.code == code }) else { return nil }
        self = found
    }

    public var code: String {
        switch self {
        case .p1: "P1"
        case .p2: "P2"
        case .p3: "P3"
        case .p4: "P4"
        }
    }

    public static func < (a: Priority, b: Priority) -> Bool { a.rawValue < b.rawValue }
    public func isStricter(than other: Priority) -> Bool { rawValue < other.rawValue }
}
