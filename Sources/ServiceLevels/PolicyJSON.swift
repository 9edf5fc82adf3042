import Base

extension ServiceLevelPolicy {
    /// `{"id", "version", "label", "scope": {"kind": "contract", "id"}, "effective_from",
    /// "effective_until", "calendars": {"response", "solution"}, "targets": {"P1": {"response":
    /// {"counted_s": 7200}, "solution": {"working_days": 3, "calendar"}}, …}, "categories": {"request":
    /// {"P1": …}}}`.
    public var json: JSON {
        .make([
            "id": .string(id), "version": .int(Int64(version)), "label": label.json,
            "scope": scope.json, "effective_from": .of(effectiveFrom),
            "effective_until": .of(effectiveUntil),
            "calendars": .make([
                "response": .string(responseCalendar), "solution": .string(solutionCalendar),
            ]),
            "targets": ServiceLevelPolicy.json(targets),
            "categories": .object(
                categories.sorted { $0.key < $1.key }.map {
                    .init($0.key, ServiceLevelPolicy.json($0.value))
                }),
        ])
    }

    public init(json: JSON) throws {
        let f = try Fields(json)
        let calendars = try f.object("calendars")
        var categories: [String: [Priority: GradeTargets]] = [:]
        if f["categories"] != nil {
            let all = try f.object("categories")
            for member in all.json.members ?? [] {
                categories[member.name] = try ServiceLevelPolicy.table(all.object(member.name))
            }
        }
        try self.init(
            id: try f.text("id"), version: try f.int("version", 1...1_000_000), label: try f.label(),
            scope: try PolicyScope(f.object("scope")), effectiveFrom: try f.instant("effective_from"),
            effectiveUntil: try f.optionalInstant("effective_until"),
            responseCalendar: try calendars.text("response"),
            solutionCalendar: try calendars.text("solution"),
            targets: try ServiceLevelPolicy.table(f.object("targets")), categories: categories)
    }

    private static func json(_ table: [Priority: GradeTargets]) -> JSON {
        .object(
            Priority.allCases.compactMap { priority in
                table[priority].map { row in
                    .init(
                        priority.code,
                        .object(Leg.allCases.map { .init($0.rawValue, row[$0].json) }))
                }
            })
    }

    private static func table(_ f: Fields) throws -> [Priority: GradeTargets] {
        var out: [Priority: GradeTargets] = [:]
        for member in f.json.members ?? [] {
            guard let priority = Priority(code: member.name) else { throw f.bad(member.name) }
            let row = try f.object(member.name)
            out[priority] = GradeTargets(
                response: try Target(row.object("response")), solution: try Target(row.object("solution")))
        }
        return out
    }
}

extension PolicyScope {
    var json: JSON {
        switch self {
        case .catalogueItem(let id): .make(["kind": .string("catalogue_item"), "id": .string(id)])
        case .project(let id): .make(["kind": .string("project"), "id": .string(id)])
        case .contract(let id): .make(["kind": .string("contract"), "id": .string(id)])
        case .house: .make(["kind": .string("house")])
        }
    }

    init(_ f: Fields) throws {
        switch try f.text("kind") {
        case "catalogue_item": self = .catalogueItem(try f.text("id"))
        case "project": self = .project(try f.text("id"))
        case "contract": self = .contract(try f.text("id"))
        case "house": self = .house
        default: throw f.bad("kind")
        }
    }
}

extension Target {
    var json: JSON {
        var members: [JSON.Member] = []
        switch amount {
        case .counted(let s): members.append(.init("counted_s", .int(s)))
        case .workingDays(let n): members.append(.init("working_days", .int(Int64(n))))
        }
        if let calendar { members.append(.init("calendar", .string(calendar))) }
        return .object(members)
    }

    init(_ f: Fields) throws {
        let calendar = try f.optionalText("calendar")
        if f["working_days"] != nil {
            guard f["counted_s"] == nil else { throw f.bad("working_days") }
            self.init(.workingDays(try f.int("working_days", 0...3660)), calendar: calendar)
        } else {
            self.init(
                .counted(Int64(try f.int("counted_s", 0...Target.mostSeconds))), calendar: calendar)
        }
    }
}
