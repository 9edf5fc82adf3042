import Base
import ServiceLevels

/// What the OpenAPI document says of values that have no `Shape` of their own.
enum TicketSchemas {
    private static func object(_ fields: [(String, JSON)], orNull: Bool = false) -> JSON {
        .make([
            "type": orNull ? ["object", "null"] : "object",
            "properties": .object(fields.map { JSON.Member($0.0, $0.1) }),
        ])
    }

    private static func type(_ name: String, _ more: KeyValuePairs<String, JSON> = [:]) -> JSON {
        .object([JSON.Member("type", [.string(name), "null"])] + more.map { JSON.Member($0.key, $0.value) })
    }

    private static let time = type("string", ["format": "date-time"])
    private static let grade = type("integer", ["minimum": 1, "maximum": 5])

    /// A customer's rating. `by_link`: given through the one-time link, that `link_made_by` had made.
    private static let rating: [(String, JSON)] = [
        ("response", grade), ("attitude", grade), ("skill", grade), ("result", grade),
        ("comment", type("string")), ("at", time), ("by", type("string")),
        ("by_link", .make(["type": "boolean"])), ("link_made_by", type("string")),
        ("link_made_by_name", type("string")),
    ]

    static let evaluation = object(rating, orNull: true)
    /// Ratings of the present cycle that stood before the ticket was returned, oldest first.
    static let earlierEvaluations: JSON = .make(["type": "array", "items": object(rating)])

    private static let leg = object(
        [
            ("due_at", time),
            ("verdict", .make(["enum": .array(Verdict.allCases.map { .string($0.rawValue) })])),
            (
                "intervals",
                .make([
                    "type": "array",
                    "items": object([
                        ("from", time), ("to", time), ("kind", .make(["type": "string"])),
                        ("reason", .make(["type": "string"])), ("counted_s", .make(["type": "integer"])),
                        ("total_s", .make(["type": "integer"])),
                    ]),
                ])
            ),
            // Earlier stretches that are not told; `total_s` counts them.
            ("left_off", .make(["type": "integer", "minimum": 0])),
        ], orNull: true)

    /// The legs of the present cycle, interval by interval.
    static let sla = object([("policy", type("string")), ("response", leg), ("solution", leg)])
}
