import Base
import Web

/// The pages of one ticket; the steps' own routes take what their forms send.
public enum TicketPages {
    public static func routes(_ routes: inout Routes) {
        routes.page("/tickets/{id}") { call, tx in try TicketPage.show(call, tx) }
        routes.page("/tickets/{id}/form") { call, tx in try TicketFormSheet.show(call, tx) }
        ComposerRoutes.add(&routes)
    }
}
