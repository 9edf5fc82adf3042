import Base
import InstalledBase
import Store
import Web

/// The product unit of a ticket as its page shows it: the way to it and whether it is covered today.
struct SeenUnit: Sendable {
    let link: HTML
    let cover: HTML

    /// nil where the ticket names none, or the reader does not see it.
    init?(_ ticket: Ticket, _ call: Call, _ tx: Transaction) throws {
        guard let id = ticket.productUnit, let unit = try InstalledBase.seen(id, tx) else { return nil }
        let verdict = try InstalledBase.warranty(unit, tx)
        let words = InstalledBase.sentence(verdict, of: unit, on: try InstalledBase.today(tx), call)
        link = "<a class=\"sn\" href=\"/product-units/\(unit.id)\">\(unit.title)</a>"
        cover = """
            <span class="tag \(verdict.isIn ? "tag-ok" : "tag-warn")">\(verdict.isIn ? Icon.shield : Icon.info)\(words)</span>
            """
    }
}
