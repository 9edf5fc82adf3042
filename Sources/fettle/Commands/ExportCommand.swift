import ArgumentParser
import Base
import Foundation
import Spreadsheet
import Store
import Tickets

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes data to a file.", subcommands: [ExportTickets.self])
}

struct ExportTickets: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tickets", abstract: "All tickets but drafts, one a row; CSV or XLSX by the ending.")

    @OptionGroup var place: Place
    @Argument(help: "FILE.csv or FILE.xlsx; replaced where it exists.") var file: String

    func run() async throws {
        try await Terminal.run {
            let isSheet = file.lowercased().hasSuffix(".xlsx")
            guard isSheet || file.lowercased().hasSuffix(".csv") else {
                throw Failure(.invalid, "export.ending", ["file": file])
            }
            let store = try await place.open()
            var count = 0
            try await Terminal.writing(file) { path in
                count = try await isSheet ? sheet(store, path) : csv(store, path)
            }
            Terminal.endProgress()
            Terminal.note("\(count) tickets")
            await store.engine.close()
        }
    }

    /// Hands out pages of tickets by key, a short transaction each: a long export holds nothing up.
    private func pages(_ store: Store, _ body: ([[TicketExport.Cell]]) throws -> Void) async throws -> Int {
        var last: TicketID?
        var count = 0
        while true {
            let after = last
            let page = try await store.read(by: .system("export")) { tx in
                try TicketExport.page(after: after, tx)
            }
            guard let end = page.last else { return count }
            try body(page.rows)
            count += page.rows.count
            last = end
            Terminal.progress("\(count) tickets")
        }
    }

    private func csv(_ store: Store, _ path: String) async throws -> Int {
        let unwritable = Failure(.internal, "file.unwritable", ["file": file])
        guard let handle = FileHandle(forWritingAtPath: path) else { throw unwritable }
        defer { try? handle.close() }
        var writer = CSV.Writer()
        writer.row(TicketExport.columns.map(\.name))
        func flush() throws {
            do { try handle.write(contentsOf: Data(writer.take())) } catch { throw unwritable }
        }
        let count = try await pages(store) { rows in
            for row in rows { writer.row(row.map(\.csv)) }
            try flush()
        }
        try flush()
        return count
    }

    private func sheet(_ store: Store, _ path: String) async throws -> Int {
        let writer = try XLSXWriter(
            path: path, sheet: "Tickets", columns: TicketExport.columns.map { ($0.name, $0.width) })
        let count = try await pages(store) { rows in
            for row in rows { try writer.write(row.map(\.typed)) }
        }
        try writer.finish()
        return count
    }
}

extension TicketExport.Cell {
    var typed: XLSXWriter.Cell {
        switch self {
        case .empty: .empty
        case .text(let s): .text(s)
        case .number(let n): .number(n)
        case .time(let t): .time(t)
        case .truth(let b): .truth(b)
        }
    }
}
