import Base
import Inventory
import ServiceLevels
import Store

/// What the form of a step offers to choose from; only what that form needs is read.
struct StepChoices {
    /// A person or thing by id.
    struct Option: Sendable {
        var id: String
        var name: String
    }

    var people: [Option] = []
    var units: [Option] = []
    var engineers: [DispatchSuggestion] = []
    var commonness: Commonness?
    /// Open tickets of the same customer that were received before.
    var mergeTargets: [Option] = []
    /// Where parts can be sent from and to.
    var places: [Option] = []
    /// Parts that fit what the ticket is about; others are found by typing.
    var parts: [FoundPart] = []

    static func load(_ step: Step, _ page: TicketPage, _ tx: Transaction) throws -> StepChoices {
        var out = StepChoices()
        switch step {
        case .approval, .proposal, .priority: out.commonness = try Tickets.commonness(page.ticket, tx)
        case .assignment, .visits: out.engineers = try Tickets.dispatchSuggestions(page.ticket, tx)
        case .tasks:
            out.people = try tx.staff()
            out.units = try tx.units()
        case .decision:
            out.places = try Inventory.sources(tx).map { Option(id: $0.id.text, name: $0.name) }
            out.parts = try Inventory.find("", fitting: page.product(tx), limit: 50, tx)
        case .nextAction: out.people = try tx.staff()
        case .merge: out.mergeTargets = try tx.mergeTargets(page.ticket)
        default: break
        }
        return out
    }
}

extension Transaction {
    /// Active people of the house and its suppliers, by unit and name: whoever seeks somebody knows where
    /// they sit.
    fileprivate func staff() throws -> [StepChoices.Option] {
        let isEnglish = actor.language == .english
        let person: SQL = isEnglish ? "coalesce(a.name_latin, a.name)" : "a.name"
        let unit: SQL = isEnglish ? "coalesce(o.name_en, o.name)" : "o.name"
        return try rows(
            """
            select distinct a.id, \(person), \(unit) from account a
            join post p on p.account_id = a.id join organization o on o.id = a.organization_id
            where a.is_active = 1 and p.role <> 'customer' and p.role <> 'administrator' and p.role <> 'auditor'
              and p.from_at <= \(now) and (p.to_at is null or p.to_at > \(now))
            order by 3, 2, 1 limit 500
            """
        ) { r in
            let id = r.text()
            let name = r.text()
            return .init(id: id, name: r.text() + " · " + name)
        }
    }

    fileprivate func units() throws -> [StepChoices.Option] {
        let isEnglish = actor.language == .english
        return try rows(
            """
            select id, name, coalesce(name_en, '') from organization
            where kind in ('house', 'unit', 'supplier') and is_active = 1 order by kind, name, id limit 500
            """
        ) { r in
            let id = r.text()
            let native = r.text()
            let latin = r.text()
            return .init(id: id, name: isEnglish && !latin.isEmpty ? latin : native)
        }
    }

    fileprivate func mergeTargets(_ ticket: Ticket) throws -> [StepChoices.Option] {
        guard let organization = ticket.organization, let received = ticket.receivedAt else { return [] }
        return try rows(
            """
            select t.number, t.title from ticket t
            where t.organization_id = \(organization) and t.is_open = 1 and t.received_at <= \(received)
              and t.id <> \(ticket.id) and \(TicketAccess.visible(to: actor))
            order by t.received_at desc, t.id limit 100
            """
        ) { r in
            let number = r.text()
            return .init(id: number, name: number + " " + r.text())
        }
    }
}
