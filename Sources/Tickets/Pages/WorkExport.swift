import Base
import ServiceLevels
import Spreadsheet
import Store
import Web

/// `GET /tickets/export.csv` and `.xlsx`: the lines and columns that the table shows, all its pages.
enum WorkExport {
    static func reply(_ format: ListExport.Format, _ call: Call, _ kit: Kit) async throws -> Reply {
        let actor = try call.actor()
        guard WorkPage.seesTickets(actor) else { throw Failure.notFound() }
        var filter = try call.filter(TicketFilter.self)
        filter.limit = 200
        let first = filter
        let columns = WorkColumn.chosen(call).filter { $0 != .ticket }
        let list = ListExport("tickets", title: call.t("work.tickets"), heads: heads(call, columns)) {
            cursor in
            try await kit.store.read(by: actor) { tx in
                var filter = first
                filter.cursor = cursor
                let page = try tx.tickets(filter)
                let rows = page.items.map { $0.named(call.language) }.map { row in
                    [ListExport.Cell.text(row.number), .text(row.title)]
                        + columns.map { .text($0.text(call, row)) }
                }
                return (rows, page.nextCursor)
            }
        }
        return try await list.reply(format, call)
    }

    /// Names in the reader's language; times say their zone once, here.
    private static func heads(_ call: Call, _ columns: [WorkColumn]) -> [String] {
        [call.t("work.column.number"), call.t("work.column.title")]
            + columns.map { column in
                let name = call.t(column.nameKey)
                return column.sort == nil ? name : "\(name) (\(call.zone.identifier))"
            }
    }
}
