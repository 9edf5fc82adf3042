import Base
import Store
import Web

/// Who may see and keep what was sold, in one place: as a condition for lists and counts, and as the one
/// loader of a single unit or contract.
enum InstalledAccess {
    /// Roles that see every unit.
    static let all = Roles([
        .serviceManager, .technicalLead, .management, .quality, .keeper, .administrator, .auditor,
    ])
    /// Roles that keep the whole of it: products, units, contracts.
    static let keepers = Roles([.serviceManager, .administrator])
    /// Roles that see units at all.
    static let readers = all.union(Roles([.customer, .engineer, .siteLead]))
    /// Roles of the house that see the catalogue.
    static let catalogue = all.union(Roles([.engineer, .siteLead, .finance]))

    static func isSystem(_ actor: Actor) -> Bool { actor.id == nil && actor.isStaff }

    /// The condition under which the actor sees row `u` of `product_unit`.
    static func visible(to actor: Actor) -> SQL {
        if isSystem(actor) || actor.isStaff && actor.hasAny(all) { return "1 = 1" }
        let owned = owned(
            by: actor, customer: "u.customer_id", project: "u.project_id", site: "u.site_id")
        let principals = principals(actor)
        guard !principals.isEmpty else { return owned }
        return """
            (\(owned) or exists (select 1 from unit_access a where a.unit_id = u.id
              and a.principal in \(list: principals)))
            """
    }

    /// As whom somebody of the house sees units by the tickets that they work at: themselves (`a:`) and
    /// their units (`u:`).
    private static func principals(_ actor: Actor) -> [String] {
        guard let id = actor.id, actor.isStaff, actor.hasAny(Roles([.engineer, .siteLead])) else { return [] }
        return ["a:\(id)"] + (actor.has(.engineer) ? actor.units.map { "u:\($0)" } : [])
    }

    /// The same for row `c` of `contract`: by its customer or project; site leads by the projects of
    /// their sites.
    static func visibleContract(to actor: Actor) -> SQL {
        if isSystem(actor) || actor.isStaff && actor.hasAny(all) { return "1 = 1" }
        return owned(by: actor, customer: "c.customer_id", project: "c.project_id", site: nil)
    }

    private static func owned(by actor: Actor, customer: SQL, project: SQL, site: SQL?) -> SQL {
        if !actor.isStaff {
            guard actor.has(.customer), let own = actor.organization else { return "1 = 0" }
            return "\(customer) = \(own)"
        }
        var ways: [SQL] = []
        if actor.has(.engineer), !actor.projects.isEmpty {
            ways.append("\(project) in \(list: actor.projects.map(\.text))")
        }
        if actor.has(.siteLead), !actor.sites.isEmpty {
            let sites = actor.sites.map(\.text)
            ways.append(
                site.map { "\($0) in \(list: sites)" }
                    ?? "\(project) in (select s.project_id from site s where s.id in \(list: sites))")
        }
        return ways.isEmpty ? "1 = 0" : "(\(ways.joined(" or ")))"
    }

    /// Whether somebody keeps catalogue, units and contracts.
    static func keeps(_ actor: Actor) -> Bool {
        isSystem(actor) || actor.isStaff && actor.hasAny(keepers)
    }

    /// Whether somebody writes down what happens to a unit that they see: parts, hours, downtimes.
    static func works(_ actor: Actor) -> Bool {
        keeps(actor) || actor.isStaff && actor.hasAny(Roles([.engineer, .siteLead]))
    }

    static func requireKeeper(_ tx: Transaction) throws {
        guard keeps(tx.actor) else { throw Failure.forbidden("forbidden.role") }
    }

    static func requireWorker(_ tx: Transaction) throws {
        guard works(tx.actor) else { throw Failure.forbidden("forbidden.role") }
    }

    /// 404 for whoever has no business with the catalogue at all.
    static func requireCatalogue(_ tx: Transaction) throws {
        guard isSystem(tx.actor) || tx.actor.isStaff && tx.actor.hasAny(catalogue) else {
            throw Failure.notFound()
        }
    }

    static func requireReader(_ tx: Transaction) throws {
        guard isSystem(tx.actor) || tx.actor.hasAny(readers) else { throw Failure.notFound() }
    }
}

extension InstalledBase {
    /// Lets whoever works at a ticket of a unit see the unit: accounts (`a:ID`) and units of the house
    /// (`u:ID`). Customers see by ownership alone.
    public static func grant(_ unit: ProductUnitID, to principals: some Sequence<String>, _ tx: Transaction)
        throws
    {
        let workers = principals.filter { $0.hasPrefix("a:") || $0.hasPrefix("u:") }.sorted()
        guard !workers.isEmpty else { return }
        let values = workers.map { "(\(unit), \($0))" as SQL }.joined(", ")
        try tx.run("insert into unit_access (unit_id, principal) values \(values) on conflict do nothing")
    }
}

extension Transaction {
    /// The only loader of one unit for a person: 404 where it is absent or may not be seen, alike.
    public func productUnit(_ id: ProductUnitID) throws -> ProductUnit {
        guard let found = try visibleUnit(id) else { throw Failure.notFound("unit.not_found") }
        return found
    }

    /// The only loader of one contract for a person.
    public func contract(_ id: ContractID) throws -> Contract {
        guard
            let found = try contracts(
                where: "c.id = \(id) and \(InstalledAccess.visibleContract(to: actor))", limit: 1
            ).first
        else { throw Failure.notFound("contract.not_found") }
        return found
    }
}
