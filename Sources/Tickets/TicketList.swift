import Base
import InstalledBase
import ServiceLevels
import Store
import Web

/// What a list asks for: the filters of `GET /api/v1/tickets`, the same on pages and in exports.
public struct TicketFilter: Command {
    public enum Sort: String, Sendable, CaseIterable {
        /// What breaches first.
        case due
        /// Newest receipt first.
        case received
        case updated
    }

    public var states: [TicketState]
    public var open: Bool?
    public var priority: Priority?
    public var category: Category?
    public var engineer: String?
    public var organization: OrganizationID?
    public var project: ProjectID?
    public var site: SiteID?
    public var serial: String?
    /// The product unit that it is about.
    public var productUnit: ProductUnitID?
    public var turn: Turn.Party?
    public var overdue: Bool
    public var text: String?
    public var sort: Sort
    public var limit: Int
    public var cursor: String?

    public init(_ read: inout FieldReader) {
        let state = read.optionalText("state", max: 200)
        states = []
        open = read.optionalBool("open")
        for word in (state ?? "").split(separator: ",") {
            if word == "open" {
                open = true
            } else if let s = TicketState(rawValue: String(word)) {
                states.append(s)
            } else {
                read.fault("state", "field.not_a_choice")
            }
        }
        priority = read.optionalText("priority", max: 2).flatMap {
            let p = Priority(code: $0)
            if p == nil { read.fault("priority", "field.not_a_choice") }
            return p
        }
        category = read.optionalChoice("category")
        engineer = read.optionalText("engineer", max: 64)
        organization = read.optionalID("organization")
        project = read.optionalID("project")
        site = read.optionalID("site")
        serial = read.identifier("serial")
        productUnit = read.optionalID("unit")
        turn = read.optionalChoice("turn")
        overdue = read.bool("overdue")
        text = read.optionalText("q", max: 200)
        sort = read.optionalChoice("sort") ?? .due
        limit = Int(read.optionalInt("limit", 1...200) ?? 50)
        cursor = read.optionalText("cursor", max: 1000)
    }

    /// All open tickets, what breaches first on top.
    public static func open(limit: Int = 50) -> TicketFilter {
        var reader = FieldReader(query: [("open", "1"), ("limit", String(limit))], zone: .utc)
        return TicketFilter(&reader)
    }

    /// Everything but the place in the list: what a cursor is bound to.
    var bound: String {
        [
            states.map(\.rawValue).joined(separator: ","), open.map(String.init) ?? "", priority?.code ?? "",
            category?.rawValue ?? "", engineer ?? "", organization?.text ?? "", project?.text ?? "",
            site?.text ?? "", serial ?? "", productUnit?.text ?? "", turn?.rawValue ?? "", String(overdue),
            text ?? "", sort.rawValue,
        ].joined(separator: "\u{1}")
    }
}

/// A line of a list: what fits in two lines of text and one bar.
public struct TicketRow: Sendable {
    public var id: TicketID
    public var number: String
    public var state: TicketState
    public var title: String
    public var category: Category?
    public var nature: Nature?
    public var priority: Priority?
    public var turn: Turn
    public var requester: AccountID?
    public var organization: OrganizationID?
    public var project: ProjectID?
    public var site: SiteID?
    public var engineer: AccountID?
    public var unit: OrganizationID?
    public var model: String?
    public var serial: String?
    public var receivedAt: Instant?
    public var createdAt: Instant
    public var updatedAt: Instant
    public var cycle: Int
    public var version: Int64
    public var nextActionAt: Instant?
    public var clocks: ClockColumns
    public var requesterName: String?
    public var organizationName: String?
    public var siteName: String?
    public var siteZone: String?
    public var projectName: String?
    public var engineerName: String?
    public var recordedVerdict: Bool?
    var english = LatinNames()

    /// Names as an English reader knows them; nil where there is only the native one.
    struct LatinNames: Sendable {
        var requester: String?
        var organization: String?
        var site: String?
        var project: String?
        var engineer: String?
    }

    /// The same line with its names in the reader's language.
    public func named(_ language: Language) -> TicketRow {
        guard language == .english else { return self }
        var out = self
        out.requesterName = english.requester ?? requesterName
        out.organizationName = english.organization ?? organizationName
        out.siteName = english.site ?? siteName
        out.projectName = english.project ?? projectName
        out.engineerName = english.engineer ?? engineerName
        return out
    }
}

extension Transaction {
    /// What a filter asks for beside what the actor may see; nil where its words can match nothing.
    func conditions(_ f: TicketFilter) -> [SQL]? {
        var conditions: [SQL] = []
        if let open = f.open { conditions.append("t.is_open = \(open)") }
        if !f.states.isEmpty { conditions.append("t.state in \(list: f.states.map(\.rawValue))") }
        if let v = f.priority { conditions.append("t.priority = \(v.rawValue)") }
        if let v = f.category { conditions.append("t.category = \(v)") }
        if let v = f.engineer {
            conditions.append(
                v == "none"
                    ? "t.engineer_id is null" : "t.engineer_id = \(v == "me" ? actor.id?.text ?? "" : v)")
        }
        if let v = f.organization { conditions.append("t.organization_id = \(v)") }
        if let v = f.project { conditions.append("t.project_id = \(v)") }
        if let v = f.site { conditions.append("t.site_id = \(v)") }
        if let v = f.serial { conditions.append("t.serial = \(v)") }
        if let v = f.productUnit { conditions.append("t.product_unit_id = \(v)") }
        if let v = f.turn { conditions.append("t.turn = \(v)") }
        if f.overdue { conditions.append("t.due_at <= \(now)") }
        if let v = f.text {
            guard let matching = TicketSearch.matching(v, self) else { return nil }
            conditions.append("t.id in (\(matching))")
        }
        return conditions
    }

    /// One page of tickets that the actor sees, by key: page 1 and page 10,000 cost the same.
    ///
    /// - Parameter visible: what `TicketAccess.listed` said, where the caller has asked already
    public func tickets(_ f: TicketFilter, among visible: SQL? = nil) throws -> Page<TicketRow> {
        guard var conditions = conditions(f) else { return Page(items: [], nextCursor: nil) }
        conditions.append(try visible ?? TicketAccess.listed(self))
        let bound = f.bound + (actor.id?.text ?? "")
        let order: SQL
        switch f.sort {
        case .due:
            order = "t.due_at, t.id"
            if let cursor = f.cursor {
                let k = try Cursor.read(cursor, bound: bound, count: 2)
                conditions.append("(t.due_at, t.id) > (\(Int64(k[0]) ?? 0), \(k[1]))")
            }
        case .received:
            order = "t.received_at desc, t.id desc"
            if let cursor = f.cursor {
                let k = try Cursor.read(cursor, bound: bound, count: 2)
                conditions.append("(t.received_at, t.id) < (\(Int64(k[0]) ?? 0), \(k[1]))")
            } else {
                conditions.append("t.received_at is not null")
            }
        case .updated:
            order = "t.updated_at desc, t.id desc"
            if let cursor = f.cursor {
                let k = try Cursor.read(cursor, bound: bound, count: 2)
                conditions.append("(t.updated_at, t.id) < (\(Int64(k[0]) ?? 0), \(k[1]))")
            }
        }
        var items = try rows(
            """
            \(Self.rowSelect) where \(conditions.joined(" and ")) order by \(order) limit \(f.limit + 1)
            """, Self.readRow)
        var next: String?
        if items.count > f.limit {
            items.removeLast()
            if let last = items.last {
                let key =
                    switch f.sort {
                    case .due: (last.clocks.due ?? farInstant).ms
                    case .received: last.receivedAt?.ms ?? 0
                    case .updated: last.updatedAt.ms
                    }
                next = Cursor.make([String(key), last.id.text], bound: bound)
            }
        }
        return Page(items: items, nextCursor: next)
    }

    /// How many the actor sees under a filter, counted no further than `most`.
    public func countTickets(_ condition: SQL, among visible: SQL? = nil, most: Int = 1000) throws -> Int {
        Int(try int("select \(counted(condition, among: visible, most: most))"))
    }

    /// The same as a part of another statement.
    func counted(_ condition: SQL, among visible: SQL? = nil, most: Int) -> SQL {
        """
        (select count(*) from (select 1 from ticket t where \(visible ?? TicketAccess.visible(to: actor))
          and \(condition) limit \(most)) counted)
        """
    }

    /// Rows under a condition of the area's own, in its own order.
    func ticketRows(where condition: SQL, order: SQL, limit: Int) throws -> [TicketRow] {
        try rows(
            """
            \(Self.rowSelect) where \(TicketAccess.visible(to: actor)) and \(condition)
            order by \(order) limit \(limit)
            """, Self.readRow)
    }

    private static let rowSelect: SQL = """
        select t.id, t.number, t.state, t.title, t.category, t.nature, t.priority, t.turn, t.task,
          t.requester_id, t.organization_id, t.project_id, t.site_id, t.engineer_id, t.unit_id, t.model,
          t.serial, t.received_at, t.created_at, t.updated_at, t.cycle, t.version, t.next_action_at,
          t.policy_id, t.policy_version, t.r_verdict, t.r_due_at, t.r_target_ms, t.r_stopped_at,
          t.s_verdict, t.s_due_at, t.s_target_ms, t.s_stopped_at, t.s_paused_ms, t.s_remaining_ms,
          t.due_at, t.due_leg, t.recorded_verdict, q.name, q.name_latin, o.name, o.name_en, s.name, s.name_en, s.time_zone,
          p.name, p.name_en, e.name, e.name_latin
        from ticket t left join account q on q.id = t.requester_id
          left join organization o on o.id = t.organization_id left join site s on s.id = t.site_id
          left join project p on p.id = t.project_id left join account e on e.id = t.engineer_id
        """

    private static func readRow(_ r: inout Row) -> TicketRow {
        var row = TicketRow(
            id: r.id(), number: r.text(), state: r.choice(.submitted), title: r.text(),
            category: r.choiceOrNil(),
            nature: r.choiceOrNil(), priority: r.intOrNil().flatMap { Priority(rawValue: Int($0)) },
            turn: Turn(r.choice(.nobody), r.text()), requester: r.idOrNil(), organization: r.idOrNil(),
            project: r.idOrNil(), site: r.idOrNil(), engineer: r.idOrNil(), unit: r.idOrNil(),
            model: r.textOrNil(), serial: r.textOrNil(), receivedAt: r.instantOrNil(), createdAt: r.instant(),
            updatedAt: r.instant(), cycle: r.count(), version: r.int(), nextActionAt: r.instantOrNil(),
            clocks: ClockColumns())
        row.clocks.policyID = r.textOrNil()
        row.clocks.policyVersion = r.intOrNil().map(Int.init)
        row.clocks.responseVerdict = r.choiceOrNil()
        row.clocks.responseDue = r.instantOrNil()
        row.clocks.responseTarget = r.intOrNil().map(Span.init(ms:))
        row.clocks.responseStopped = r.instantOrNil()
        row.clocks.solutionVerdict = r.choiceOrNil()
        row.clocks.solutionDue = r.instantOrNil()
        row.clocks.solutionTarget = r.intOrNil().map(Span.init(ms:))
        row.clocks.solutionStopped = r.instantOrNil()
        row.clocks.solutionPaused = r.intOrNil().map(Span.init(ms:))
        row.clocks.solutionRemaining = r.intOrNil().map(Span.init(ms:))
        let due = r.instant()
        row.clocks.due = due == farInstant ? nil : due
        row.clocks.dueLeg = r.choiceOrNil()
        row.recordedVerdict = r.intOrNil().map { $0 != 0 }
        row.requesterName = r.textOrNil()
        row.english.requester = r.textOrNil()
        row.organizationName = r.textOrNil()
        row.english.organization = r.textOrNil()
        row.siteName = r.textOrNil()
        row.english.site = r.textOrNil()
        row.siteZone = r.textOrNil()
        row.projectName = r.textOrNil()
        row.english.project = r.textOrNil()
        row.engineerName = r.textOrNil()
        row.english.engineer = r.textOrNil()
        return row
    }
}
