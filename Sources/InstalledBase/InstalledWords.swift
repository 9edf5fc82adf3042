import Base
import Web

/// What other areas show of this one.
extension InstalledBase {
    /// Whether and how long a unit is covered, as a sentence.
    public static func sentence(_ verdict: WarrantyVerdict, of unit: ProductUnit, on today: Int, _ call: Call)
        -> String
    {
        InstalledParts.warrantySentence(verdict, from: unit.warrantyFrom, on: today, call)
    }

    /// Tickets as a list of links.
    public static func lines(_ tickets: [Neighbours.TicketLine], _ call: Call) -> HTML {
        UnitPage.lines(tickets, call)
    }
}
