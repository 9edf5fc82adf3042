import Base
import InstalledBase
import Inventory
import People
import ServiceLevels
import Store
import Tickets
import Web

/// The list of areas: what the house consists of. Adding an area is adding it here.
enum Areas {
    static let migrations: [Migration] =
        StoreMigrations.all + WebMigrations.all + People.migrations + LevelsMigrations.all
        + InstalledMigrations.all + InventoryMigrations.all
        + TicketMigrations.all
        + FeedbackMigrations.all

    /// Who hears which facts.
    static let handlers: [FactHandler] = TicketJobs.handlers + Inventory.handlers(inventory)

    /// What an area puts right after a whole world came in from another engine.
    static func settle(_ tx: Transaction) throws {
        try Tickets.settle(tx)
        try Inventory.settle(tx)
    }

    /// What stock asks of tickets.
    static let inventory = InventoryNeighbours(
        ticket: Tickets.stockReference, consignee: Tickets.stockConsignee, notify: Tickets.tellOfStock)

    static func routes() -> [Route] {
        var routes = Routes()
        StaticFiles.routes(&routes)
        People.routes(&routes)
        ServiceLevels.routes(&routes)
        InstalledBase.routes(&routes, Tickets.installed)
        Inventory.routes(&routes, inventory)
        InventoryPages.routes(&routes, inventory)
        Tickets.routes(&routes)
        Health.routes(&routes)
        return routes.all
    }

    static func chrome() -> Chrome {
        Chrome(
            houseName: { language, tx in try People.houseName(language, tx) },
            navigation: { actor in
                Tickets.navigation(actor) + InventoryPages.navigation(for: actor)
                    + InstalledBase.navigation(for: actor)
                    + People.navigation(for: actor)
                    + ServiceLevels.navigation(for: actor)
            },
            counts: { tx in try Tickets.counts(tx).merging(InventoryPages.counts(tx)) { a, _ in a } },
            people: { ids, tx in try People.names(of: ids, tx) })
    }

    /// Recurring work of all areas.
    static let jobs: [Job] = [
        Job("outbox", every: .seconds(2)) { store in
            while try await store.deliver(handlers) > 0 {}
            try await TicketReevaluation.run(store)
        },
        Job("sla", every: .seconds(15)) { store in try await TicketJobs.warn(store) },
        Job("escalation", every: .seconds(30)) { store in try await TicketJobs.escalate(store) },
        Job("absence", every: .minutes(5)) { store in try await TicketJobs.recordAbsences(store) },
        Job("reservations", every: .minutes(1)) { store in try await Inventory.expireReservations(store) },
        Job("seal", every: .days(1)) { store in
            try await store.write(.long, by: .system("seal")) { _ = try Seal.make($0) }
        },
        Job("search", every: .hours(1)) { store in try await TicketSearchRebuild.run(store) },
        Job("touch", every: .seconds(30), isForEachNode: true) { store in try await People.touch(store) },
        Job("sweep", every: .hours(1)) { store in
            try await People.sweep(store)
            try await store.sweepOutbox()
            try await TicketJobs.sweep(store)
            try await store.write(by: .system("sweep")) { try WebMigrations.sweep($0) }
        },
    ]
}
