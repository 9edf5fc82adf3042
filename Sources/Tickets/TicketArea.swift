import Base
import Store
import Web

/// What the composition needs of this area.
extension Tickets {
    public static func routes(_ routes: inout Routes) {
        TicketRoutes.routes(&routes, again: TicketPage.show)
        TicketPartRoutes.add(&routes, again: TicketPage.show)
        TicketPages.routes(&routes)
        WorkPages.routes(&routes)
    }

    /// The main places of a role.
    public static func navigation(_ actor: Actor) -> [NavigationGroup] {
        WorkPages.navigation(actor)
    }

    /// Counts beside navigation entries and on the bell.
    public static func counts(_ tx: Transaction) throws -> [String: Int] {
        try WorkPages.counts(tx)
    }
}
