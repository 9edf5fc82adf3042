import Base
import Store

/// What an administrator writes of an item: its content as it is stored, and what becomes of it.
struct LevelDraft: Sendable {
    var content: JSON
    var isActive = true
    /// Open tickets of the policy move to the new version.
    var appliesToOpen = false
}

extension ServiceLevels {
    /// Who may look at the service levels' pages and API.
    static let readers = Roles([.administrator, .serviceManager, .quality, .management, .auditor])

    /// The newest version. 404 where there is none.
    static func item(_ kind: LevelKind, _ id: String, _ tx: Transaction) throws -> LevelItem {
        guard let item = try tx.levelItems(kind, id: id).first else { throw Failure.notFound() }
        return item
    }

    static func requireAdministrator(_ tx: Transaction) throws {
        guard tx.actor.has(.administrator) else { throw Failure.forbidden("forbidden.role") }
    }

    /// A new item. Refuses an id that is taken.
    static func make(_ kind: LevelKind, _ id: String, _ draft: LevelDraft, _ tx: Transaction) throws
        -> LevelItem
    {
        guard isSound(id) else { throw Failure.invalid("id", "levels.id_wrong") }
        guard try tx.levelItems(kind, id: id).isEmpty else { throw Failure.conflict("levels.exists") }
        return try add(kind, id, version: 1, draft, before: nil, tx)
    }

    /// The next version of an item.
    static func change(_ old: LevelItem, _ draft: LevelDraft, _ tx: Transaction) throws -> LevelItem {
        try add(old.kind, old.id, version: old.version + 1, draft, before: old, tx)
    }

    /// Latin letters, digits, dot, hyphen and underscore, sixty at most: an id stands in addresses.
    private static func isSound(_ id: String) -> Bool {
        (1...60).contains(id.utf8.count) && !["new", "trial", ".", ".."].contains(id)
            && id.utf8.allSatisfy { b in
                switch b {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
                default: false
                }
            }
    }

    private static func add(
        _ kind: LevelKind, _ id: String, version: Int, _ draft: LevelDraft, before old: LevelItem?,
        _ tx: Transaction
    ) throws -> LevelItem {
        // Read by the reader of the kind and written anew: what is stored can always be read again.
        let named = draft.content.naming(id: id, version: version)
        let content: JSON
        switch kind {
        case .calendar:
            let calendar = try CalendarDefinition(json: named)
            let sets = Set(try tx.levelItems(.holidaySet).map(\.id))
            for set in calendar.holidaySets where !sets.contains(set) {
                throw Failure(
                    .invalid, "invalid",
                    fields: [
                        FieldFailure(
                            field: "holidays", code: "levels.holidays_unknown", arguments: ["id": set])
                    ])
            }
            content = calendar.json
        case .holidaySet: content = try HolidaySet(json: named).json
        case .scheme: content = try PriorityScheme(json: named).json
        case .policy:
            let policy = try ServiceLevelPolicy(json: named)
            try check(policy, draft, before: old, tx)
            content = policy.json
        }
        if kind != .policy, !draft.isActive { throw Failure.invalid("is_active", "levels.only_policies_end") }
        let number = try tx.addLevelItem(
            kind, id, content, isActive: draft.isActive, appliesToOpen: draft.appliesToOpen && kind == .policy
        )
        return LevelItem(
            kind: kind, id: id, version: number, content: content, createdAt: tx.now, createdBy: tx.actor.id,
            isActive: draft.isActive)
    }

    private static func check(
        _ policy: ServiceLevelPolicy, _ draft: LevelDraft, before old: LevelItem?, _ tx: Transaction
    ) throws {
        let calendars = Set(try tx.levelItems(.calendar).map(\.id))
        func need(_ id: String, _ field: String) throws {
            guard calendars.contains(id) else { throw Failure.invalid(field, "levels.calendar_unknown") }
        }
        try need(policy.responseCalendar, "calendars.response")
        try need(policy.solutionCalendar, "calendars.solution")
        for (table, path) in [(policy.targets, "targets")]
            + policy.categories.map({ ($1, "categories.\($0)") })
        {
            for (priority, row) in table {
                for leg in Leg.allCases {
                    if let id = row[leg].calendar { try need(id, "\(path).\(priority.code).\(leg.rawValue)") }
                }
            }
        }
        if let until = policy.effectiveUntil, until <= policy.effectiveFrom {
            throw Failure.invalid("effective_until", "field.ends_before")
        }
        if draft.isActive {
            for item in try tx.levelItems(.policy) where item.isActive && item.id != policy.id {
                let other = try ServiceLevelPolicy(json: item.content)
                guard other.scope == policy.scope, other.overlaps(policy) else { continue }
                throw Failure.invalid("effective_from", "levels.overlaps", ["id": other.id])
            }
        }
        // Its earlier versions would stay in force for the earlier scope.
        if let old, try ServiceLevelPolicy(json: old.content).scope != policy.scope {
            throw Failure.invalid("scope", "levels.scope_fixed")
        }
        if !draft.isActive, policy.scope == .house {
            let others = try tx.levelItems(.policy).contains {
                guard $0.isActive, $0.id != policy.id else { return false }
                return try ServiceLevelPolicy(json: $0.content).scope == .house
            }
            guard others else { throw Failure.conflict("levels.house_needed") }
        }
    }
}

extension JSON {
    /// The object with that id and version instead of its own.
    fileprivate func naming(id: String, version: Int) -> JSON {
        let rest = (members ?? []).filter { $0.name != "id" && $0.name != "version" }
        return .object([.init("id", .string(id)), .init("version", .of(version))] + rest)
    }
}

/// Days off and make-up workdays as people have them at hand: files of `holiday-cn`, or a list.
enum HolidayImport {
    /// Takes the text into the set, and the years that it speaks of as known. Returns those years.
    ///
    /// A JSON object is one file of `holiday-cn`, an array several. Else each line is
    /// `2026-02-17 [off|work] [name]`; `休` and `班` are understood, and a line without either is a day off.
    /// - Throws: `levels.line_wrong` with its number, or what is wrong in the JSON, for the field
    static func take(_ text: String, into set: inout HolidaySet, field: String) throws -> Set<Int> {
        let before = set.knownYears
        var years = Set<Int>()
        switch text.trimmed.first {
        case "{", "[":
            let json: JSON
            do { json = try JSON.parse(text) } catch { throw Failure.invalid(field, "levels.not_json") }
            for file in json.array ?? [json] {
                do {
                    try set.add(holidayCN: file)
                } catch {
                    throw Failure.invalid(field, "levels.no_holiday_file")
                }
                if let year = file["year"]?.int, set.knownYears.contains(Int(year)) {
                    years.insert(Int(year))
                }
            }
        case nil: break
        default:
            for (i, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                let line = String(line).trimmed
                if line.isEmpty || line.hasPrefix("#") { continue }
                guard let (day, what) = read(line) else {
                    throw Failure(
                        .invalid, "invalid",
                        fields: [
                            FieldFailure(
                                field: field, code: "levels.line_wrong", arguments: ["line": String(i + 1)])
                        ])
                }
                set.add(day, what)
                let year = CivilDate.date(dayNumber: day).year
                set.know(year)
                years.insert(year)
            }
        }
        return years.union(set.knownYears.subtracting(before))
    }

    private static func read(_ line: String) -> (Int, HolidaySet.Day)? {
        var words = line.split { $0.isWhitespace || ",;，；".contains($0) }.map(String.init)
        guard let day = words.first.flatMap({ CivilDate.parse($0) }) else { return nil }
        words.removeFirst()
        var isOff = true
        switch words.first?.lowercased() {
        case "off", "休", "放假": words.removeFirst()
        case "work", "班", "上班", "調休", "调休":
            isOff = false
            words.removeFirst()
        default: break
        }
        let name = words.joined(separator: " ")
        return name.count <= 60 ? (day, HolidaySet.Day(isOff: isOff, name: name)) : nil
    }
}
