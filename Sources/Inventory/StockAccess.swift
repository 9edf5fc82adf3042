import Base
import Store

/// Who may see and do what with stock (`design: access`).
enum StockAccess {
    static let readers = Roles([
        .keeper, .engineer, .serviceManager, .technicalLead, .management, .siteLead, .quality, .finance,
        .auditor,
    ])
    /// Those of them for whom a ticket's number leads to the ticket.
    static let ticketReaders = Roles([
        .engineer, .serviceManager, .technicalLead, .management, .siteLead, .quality, .auditor,
    ])
    private static let valueReaders = Roles([
        .keeper, .serviceManager, .finance, .management, .auditor,
    ])

    static func isJob(_ actor: Actor) -> Bool { actor.id == nil && Actor.isJob(actor.name) }

    /// Stock does not exist for anybody else.
    static func requireReader(_ tx: Transaction) throws {
        guard tx.actor.hasAny(readers) || isJob(tx.actor) else { throw Failure.notFound() }
    }

    static func seesValues(_ actor: Actor) -> Bool { actor.hasAny(valueReaders) || isJob(actor) }

    /// Whether the actor answers for what lies in a place: postings from there need nobody else.
    static func keeps(_ place: StockPlace, _ actor: Actor) -> Bool {
        keepsStock(place, actor) || isOwnBox(place, actor)
    }

    /// The same, but for an engineer's own box, into which nothing comes by the engineer alone.
    static func keepsStock(_ place: StockPlace, _ actor: Actor) -> Bool {
        if keepsAll(actor) { return true }
        return actor.has(.siteLead) && place.site.map { actor.sites.contains($0) } ?? false
    }

    static func keepsAll(_ actor: Actor) -> Bool { actor.has(.keeper) || isJob(actor) }

    /// - Parameter places: of a document; not read where the actor answers for all
    static func keeps(_ id: PlaceID, in places: [PlaceID: StockPlace], _ actor: Actor) -> Bool {
        keepsAll(actor) || places[id].map { keeps($0, actor) } ?? false
    }

    static func isOwnBox(_ place: StockPlace, _ actor: Actor) -> Bool {
        place.kind == .box && place.keeper != nil && place.keeper == actor.id
    }

    /// Quality decides what is held back and what is let go.
    static func decidesQuarantine(_ actor: Actor) -> Bool { actor.has(.quality) || isJob(actor) }

    /// Whether the actor may draw up such a document there, to be posted or asked for.
    static func mayDraw(_ kind: StockDocument.Kind, _ place: StockPlace, _ actor: Actor) -> Bool {
        if keeps(place, actor) { return true }
        if actor.has(.quality), kind == .statusChange { return true }
        guard actor.has(.engineer) else { return false }
        return [.issue, .transfer, .return, .loan, .shipment].contains(kind)
    }

    /// Whether the actor may have something kept in a place: in somebody else's box only who answers for it.
    static func mayReserve(_ place: StockPlace, _ actor: Actor) -> Bool {
        if keeps(place, actor) { return true }
        return actor.hasAny(Roles([.engineer, .siteLead, .serviceManager])) && place.kind != .box
    }

    /// Whether the actor may draw up such a document anywhere: asked before its content is read.
    static func mayDrawSomewhere(_ kind: StockDocument.Kind, _ actor: Actor) -> Bool {
        if actor.hasAny(Roles([.keeper, .siteLead])) || isJob(actor) { return true }
        if actor.has(.quality), kind == .statusChange { return true }
        return actor.has(.engineer)
    }

    static func requireKeeper(_ tx: Transaction) throws {
        guard tx.actor.has(.keeper) || isJob(tx.actor) else { throw Failure.forbidden() }
    }

    static func require(_ role: Role..., in tx: Transaction) throws {
        guard tx.actor.hasAny(Roles(role)) || isJob(tx.actor) else { throw Failure.forbidden() }
    }
}
