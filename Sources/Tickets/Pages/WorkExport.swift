import Base
import ServiceLevels
import Store
import Web

/// `GET /tickets/export.csv`: the lines and columns that the table shows, all its pages, written page
/// by page so that neither memory nor a transaction grows with them.
enum WorkExport {
    private struct Place: Sendable {
        var cursor: String?
        var isDone = false
    }

    static func reply(_ call: Call, _ kit: Kit) throws -> Reply {
        let actor = try call.actor()
        guard WorkPage.seesTickets(actor) else { throw Failure.notFound() }
        var filter = try call.filter(TicketFilter.self)
        filter.limit = 200
        filter.cursor = nil
        let columns = WorkColumn.chosen(call).filter { $0 != .ticket }
        let place = Locked(Place())
        let store = kit.store
        let first = filter
        let day = CivilDate.text(dayNumber: call.zone.wall(call.now).dayNumber)
        return Reply(
            headers: [
                ("Content-Type", "text/csv; charset=utf-8"),
                ("Content-Disposition", "attachment; filename=\"tickets-\(day).csv\""),
                ("Cache-Control", "no-store"),
            ],
            body: .chunks { index in
                let at = place.withLock { $0 }
                guard !at.isDone else { return nil }
                let (bytes, next) = try await store.read(by: actor) { tx in
                    var filter = first
                    filter.cursor = at.cursor
                    return try piece(call, filter, columns, isFirst: index == 0, tx)
                }
                place.withLock { $0 = Place(cursor: next, isDone: next == nil) }
                return bytes
            })
    }

    private static func piece(
        _ call: Call, _ filter: TicketFilter, _ columns: [WorkColumn], isFirst: Bool, _ tx: Transaction
    ) throws -> ([UInt8], String?) {
        var writer = CSV.Writer()
        if isFirst {
            writer.row(head(call, columns))
        } else {
            _ = writer.take()
        }
        let page = try tx.tickets(filter)
        for row in page.items.map({ $0.named(call.language) }) {
            writer.row([.text(row.number), .text(row.title)] + columns.map { .text($0.text(call, row)) })
        }
        return (writer.take(), page.nextCursor)
    }

    /// Names in the reader's language; times say their zone once, here.
    private static func head(_ call: Call, _ columns: [WorkColumn]) -> [String] {
        [call.t("work.column.number"), call.t("work.column.title")]
            + columns.map { column in
                let name = call.t(column.nameKey)
                return column.sort == nil ? name : "\(name) (\(call.zone.identifier))"
            }
    }
}
