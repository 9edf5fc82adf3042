import Base
import ServiceLevels
import Store

/// A coordination task as the page shows it.
struct PageTask: Sendable {
    var id: String
    var kind: TaskKind
    var title: String
    var unit: OrganizationID?
    var owner: AccountID?
    var dueAt: Instant?
    var isDone: Bool
    var result: String?
    var doneAt: Instant?
}

/// A planned visit.
struct PageVisit: Sendable {
    var engineer: AccountID?
    var startAt: Instant
    var endAt: Instant
}

/// An attachment without its bytes.
struct PageFile: Sendable {
    var id: String
    /// The row of the history that brought it; nil where it came with the ticket.
    var fact: Int64?
    var name: String
    var type: String
    var size: Int64
    var isInternal: Bool

    var isImage: Bool { type.hasPrefix("image/") }
    /// Small enough to come with the page, and of a kind that is sent for showing.
    var isShown: Bool { Attachments.shown.contains(type) && size <= 2 << 20 }
}

/// Another ticket that this one hangs together with.
struct RelatedTicket: Sendable {
    enum Kind: String, Sendable {
        case parent, child
        case mergedInto = "merged_into"
        case mergedHere = "merged_here"
        case problem
    }
    var kind: Kind
    var id: TicketID
    var number: String
    var title: String
    var state: TicketState
    var isOpen: Bool
}

/// A cycle that a reopening froze.
struct PageCycle: Sendable {
    var number: Int
    var reopenedAt: Instant
    var response: Verdict?
    var solution: Verdict?
}

/// People, organisations and places that a ticket points to.
struct PageNames: Sendable {
    struct Person: Sendable {
        var name: String
        var phone: String?
        var mail: String?
        var zone: Zone?
        var language: Language?
    }
    struct Place: Sendable {
        var name: String
        var country: String?
        var address: String?
        var zone: Zone?
    }
    struct Project: Sendable {
        var name: String
        var code: String
        var contract: String?
    }
    var people: [AccountID: Person] = [:]
    var organizations: [OrganizationID: String] = [:]
    var projects: [ProjectID: Project] = [:]
    var sites: [SiteID: Place] = [:]
    // Who speaks for the project now.
    var contact: AccountID?
    var deputy: AccountID?
    var siteLead: AccountID?
    var technicalLead: AccountID?

    func person(_ id: AccountID?) -> String? { id.flatMap { people[$0]?.name } }
}

extension Transaction {
    /// Tasks, visits and the cycles that a reopening froze, in one statement.
    func pageWork(_ id: TicketID) throws -> (tasks: [PageTask], visits: [PageVisit], cycles: [PageCycle]) {
        var tasks: [PageTask] = []
        var visits: [PageVisit] = []
        var cycles: [PageCycle] = []
        try each(
            """
            select 't', id, kind, title, unit_id, owner_id, due_at, is_done, result, done_at, created_at
            from ticket_task where ticket_id = \(id)
            union all
            select 'v', id, '', '', null, engineer_id, start_at, 0, null, end_at, start_at
            from ticket_visit where ticket_id = \(id)
            union all
            select 'c', '', '', '', r_verdict, s_verdict, reopened_at, cycle, null, null, cycle
            from ticket_cycle where ticket_id = \(id) order by 11, 2
            """
        ) { r in
            let part = r.text()
            let id = r.text()
            let kind = r.choice(TaskKind.people)
            let title = r.text()
            let first = r.textOrNil()
            let second = r.textOrNil()
            let at = r.instantOrNil()
            let number = r.count()
            let result = r.textOrNil()
            let end = r.instantOrNil()
            switch (part, at) {
            case ("t", _):
                tasks.append(
                    PageTask(
                        id: id, kind: kind, title: title, unit: first.map { ID($0) },
                        owner: second.map { ID($0) },
                        dueAt: at, isDone: number != 0, result: result, doneAt: end))
            case ("v", let at?):
                visits.append(PageVisit(engineer: second.map { ID($0) }, startAt: at, endAt: end ?? at))
            case ("c", let at?):
                cycles.append(
                    PageCycle(
                        number: number, reopenedAt: at, response: first.flatMap(Verdict.init(rawValue:)),
                        solution: second.flatMap(Verdict.init(rawValue:))))
            default: break
            }
        }
        return (tasks, visits, cycles)
    }

    /// Complete attachments, oldest first; only public ones for whoever reads no internal ones.
    func pageFiles(_ id: TicketID, internalToo: Bool) throws -> [PageFile] {
        let filter: SQL = internalToo ? "" : " and visibility = 'public'"
        return try rows(
            """
            select id, fact_number, name, type, size, visibility from attachment
            where ticket_id = \(id) and is_complete = 1\(filter) order by id limit 500
            """
        ) { r in
            PageFile(
                id: r.text(), fact: r.intOrNil(), name: r.text(), type: r.text(), size: r.int(),
                isInternal: r.text() != "public")
        }
    }

    /// Tickets that this one hangs together with, those that the reader may see; and how many parts
    /// split off are open, seen or not.
    func pageLinks(_ ticket: Ticket) throws -> (links: [RelatedTicket], openChildren: Int) {
        let visible = TicketAccess.visible(to: actor)
        let id = ticket.id
        var links: [RelatedTicket] = []
        var open = 0
        try each(
            """
            select case when t.id = \(ticket.parent?.text ?? "") then 'parent'
                when t.id = \(ticket.mergedInto?.text ?? "") then 'merged_into'
                when t.parent_id = \(id) then 'child' else 'problem' end,
              t.id, t.number, t.title, t.state, t.is_open, case when \(visible) then 1 else 0 end
            from ticket t
            where t.id in (
              select n.id from ticket n
              where n.id in \(list: [ticket.parent?.text, ticket.mergedInto?.text].compactMap { $0 })
              union select c.id from ticket c where c.parent_id = \(id)
              union select b.ticket_id from problem_link a join problem_link b
                on b.problem_id = a.problem_id where a.ticket_id = \(id) and b.ticket_id <> \(id))
            order by t.received_at, t.id limit 200
            """
        ) { r in
            let kind = r.choice(RelatedTicket.Kind.problem)
            let link = RelatedTicket(
                kind: kind, id: r.id(), number: r.text(), title: r.text(), state: r.choice(.archived),
                isOpen: r.bool())
            if kind == .child, link.isOpen { open += 1 }
            if r.bool(), kind != .problem || TicketAccess.seesInternal(actor) { links.append(link) }
        }
        return (links, open)
    }

    /// Names of everyone and everything that the page mentions, in one statement.
    func pageNames(_ ticket: Ticket, accounts: [AccountID?], organizations: [OrganizationID?]) throws
        -> PageNames
    {
        var out = PageNames()
        let isEnglish = actor.language == .english
        let project = ticket.project?.text ?? ""
        let people = Set(accounts.compactMap { $0?.text }).sorted()
        let groups = Set(organizations.compactMap { $0?.text }).sorted()
        let contacts: SQL = """
            project_contact c where c.project_id = \(project) and c.from_at <= \(now)
              and (c.to_at is null or c.to_at > \(now))
            """
        try each(
            """
            select 'a', a.id, a.name, coalesce(a.name_latin, ''), coalesce(a.phone, ''), coalesce(a.email, ''),
              a.time_zone, a.language
            from account a where a.id in \(list: people)
              or a.id in (select c.contact_id from \(contacts)) or a.id in (select c.deputy_id from \(contacts))
              or a.id in (select c.site_lead_id from \(contacts))
              or a.id in (select c.technical_lead_id from \(contacts))
            union all select 'o', id, name, coalesce(name_en, ''), '', '', '', '' from organization
              where id in \(list: groups)
            union all select 'p', id, name, coalesce(name_en, ''), code, coalesce(contract, ''), '', ''
              from project where id = \(project)
            union all select 's', id, name, coalesce(name_en, ''), coalesce(country, ''), coalesce(address, ''),
              time_zone, '' from site where id = \(ticket.site?.text ?? "")
            union all select 'c', c.contact_id, coalesce(c.deputy_id, ''), coalesce(c.site_lead_id, ''),
              coalesce(c.technical_lead_id, ''), '', '', '' from \(contacts)
            """
        ) { r in
            let kind = r.text()
            let id = r.text()
            let native = r.text()
            let latin = r.text()
            let name = isEnglish && !latin.isEmpty ? latin : native
            let one = r.text()
            let two = r.text()
            let zone = Zone(r.text())
            switch kind {
            case "a":
                out.people[ID(id)] = .init(
                    name: name, phone: one.isEmpty ? nil : one, mail: two.isEmpty ? nil : two, zone: zone,
                    language: Language(rawValue: r.text()))
            case "o": out.organizations[ID(id)] = name
            case "p": out.projects[ID(id)] = .init(name: name, code: one, contract: two.isEmpty ? nil : two)
            case "s":
                out.sites[ID(id)] = .init(
                    name: name, country: one.isEmpty ? nil : one, address: two.isEmpty ? nil : two, zone: zone
                )
            default:
                out.contact = ID(id)
                out.deputy = native.isEmpty ? nil : ID(native)
                out.siteLead = latin.isEmpty ? nil : ID(latin)
                out.technicalLead = one.isEmpty ? nil : ID(one)
            }
        }
        return out
    }
}
