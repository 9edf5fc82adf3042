import Base
import Store
import Web

/// The address, name and schema of each kind.
protocol LevelDescribed: Sendable, SendableMetatype {
    static var kind: LevelKind { get }
    /// Under `#/components/schemas`.
    static var schemaName: String { get }
    static var schema: JSON { get }
}

extension LevelKind {
    /// The last part of its address: `/admin/levels/holiday-sets`.
    var place: String {
        switch self {
        case .calendar: "calendars"
        case .holidaySet: "holiday-sets"
        case .scheme: "schemes"
        case .policy: "policies"
        }
    }

    var path: String { "/admin/levels/" + place }
}

/// An item in the API: `content` is what `PUT` takes back.
enum LevelsJSON {
    static func shape(_ described: any LevelDescribed.Type) -> Shape<LevelItem> {
        Shape(
            described.schemaName,
            [
                .text("id") { $0.id }, .int("version") { Int64($0.version) },
                .any("content", schema: described.schema) { $0.content },
                .bool("is_active") { $0.isActive }, .time("created_at") { $0.createdAt },
                .optionalText("created_by") { $0.createdBy?.text },
            ])
    }

    /// A new item, or the next version of one.
    struct Input<D: LevelDescribed>: Command {
        var id: String
        var draft: LevelDraft

        init(_ read: inout FieldReader) {
            id = read.text("id", max: 60)
            draft = LevelsJSON.draft(&read, D.schema)
        }
    }

    /// The next version of an item.
    struct Change<D: LevelDescribed>: Command {
        var draft: LevelDraft
        init(_ read: inout FieldReader) { draft = LevelsJSON.draft(&read, D.schema) }
    }

    private static func draft(_ read: inout FieldReader, _ schema: JSON) -> LevelDraft {
        LevelDraft(
            content: read.object("content", schema: schema) ?? .object([]),
            isActive: read.optionalBool("is_active") ?? true, appliesToOpen: read.bool("applies_to_open"))
    }

    // MARK: Schemas

    private static let label: JSON = .make([
        "type": ["object", "null"],
        "properties": .object(Language.allCases.map { .init($0.rawValue, .make(["type": "string"])) }),
    ])
    private static let text: JSON = .make(["type": "string"])
    private static let priority: JSON = .make([
        "enum": .array(Priority.allCases.map { .string($0.code) })
    ])

    private static func object(_ properties: [(String, JSON)], needs: [String]) -> JSON {
        .make([
            "type": "object", "required": .array(needs.map { .string($0) }),
            "properties": .object(properties.map { .init($0.0, $0.1) }),
        ])
    }

    private static func list(_ items: JSON) -> JSON { .make(["type": "array", "items": items]) }

    enum CalendarItem: LevelDescribed {
        static let kind = LevelKind.calendar
        static let schemaName = "Calendar"
        static let schema = object(
            [
                ("label", label), ("zone", text),
                (
                    "week",
                    .make([
                        "type": "object",
                        "description":
                            "Spans of the weekdays, 1 is Monday: {\"1\": [[\"09:00\", \"12:00\"]]}",
                        "additionalProperties": list(list(text)),
                    ])
                ), ("holidays", list(text)),
                ("make_up_weekday", .make(["type": ["integer", "null"], "minimum": 1, "maximum": 7])),
            ], needs: ["zone", "week"])
    }

    enum HolidayItem: LevelDescribed {
        static let kind = LevelKind.holidaySet
        static let schemaName = "HolidaySet"
        static let schema = object(
            [
                ("label", label), ("known_years", list(.make(["type": "integer"]))),
                (
                    "days",
                    list(
                        object(
                            [
                                ("date", .make(["type": "string", "format": "date"])),
                                ("off", .make(["type": "boolean"])),
                                ("name", .make(["type": ["string", "null"]])),
                            ], needs: ["date", "off"]))
                ),
            ], needs: ["known_years", "days"])
    }

    enum SchemeItem: LevelDescribed {
        static let kind = LevelKind.scheme
        static let schemaName = "PriorityScheme"
        static let schema = object(
            [
                ("label", label),
                (
                    "axes",
                    list(
                        object(
                            [
                                ("key", text), ("label", label),
                                ("levels", list(object([("key", text), ("label", label)], needs: ["key"]))),
                            ], needs: ["key", "levels"]))
                ),
                (
                    "cells",
                    list(
                        object(
                            [("levels", list(text)), ("priority", priority)], needs: ["levels", "priority"]))
                ), ("safety_priority", priority),
            ], needs: ["axes", "cells"])
    }

    enum PolicyItem: LevelDescribed {
        static let kind = LevelKind.policy
        static let schemaName = "ServiceLevelPolicy"

        private static let target = object(
            [
                ("counted_s", .make(["type": ["integer", "null"], "minimum": 0])),
                ("working_days", .make(["type": ["integer", "null"], "minimum": 0])),
                ("calendar", .make(["type": ["string", "null"]])),
            ], needs: [])
        private static let row = object(
            [("response", target), ("solution", target)], needs: ["response", "solution"])
        private static let table = object(
            Priority.allCases.map { ($0.code, row) }, needs: Priority.allCases.map(\.code))

        static let schema = object(
            [
                ("label", label),
                (
                    "scope",
                    object(
                        [
                            (
                                "kind",
                                .make(["enum": ["house", "project", "contract", "catalogue_item"]])
                            ), ("id", .make(["type": ["string", "null"]])),
                        ], needs: ["kind"])
                ), ("effective_from", .make(["type": "string", "format": "date-time"])),
                ("effective_until", .make(["type": ["string", "null"], "format": "date-time"])),
                (
                    "calendars",
                    object([("response", text), ("solution", text)], needs: ["response", "solution"])
                ),
                ("targets", table),
                (
                    "categories",
                    .make([
                        "type": ["object", "null"],
                        "additionalProperties": object(Priority.allCases.map { ($0.code, row) }, needs: []),
                    ])
                ),
            ], needs: ["scope", "effective_from", "calendars", "targets"])
    }
}
