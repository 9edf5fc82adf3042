import Base
import Foundation
import Web

/// A list to take away: what a page shows, all its pages, as CSV or as a workbook. Read page by page, so
/// that neither a transaction nor, for CSV, memory grows with its length.
public struct ListExport: Sendable {
    public enum Format: String, CaseIterable, Sendable {
        case csv, xlsx

        var type: String {
            switch self {
            case .csv: "text/csv; charset=utf-8"
            case .xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            }
        }
    }

    public enum Cell: Sendable, Equatable {
        case text(String)
        /// A plain decimal number, as a spreadsheet reads it; empty where there is none.
        case number(String)
    }

    /// Some rows, and the cursor behind them; nil at the end.
    public typealias Piece = (rows: [[Cell]], next: String?)

    private let name: String
    private let title: String
    private let heads: [String]
    private let piece: @Sendable (String?) async throws -> Piece

    /// - Parameters:
    ///   - name: begins the file's name, the day follows
    ///   - title: of the workbook's sheet
    ///   - piece: reads on behind a cursor, in a transaction of its own, and refuses who may not
    public init(
        _ name: String, title: String, heads: [String],
        _ piece: @escaping @Sendable (String?) async throws -> Piece
    ) {
        self.name = name
        self.title = title
        self.heads = heads
        self.piece = piece
    }

    public func reply(_ format: Format, _ call: Call) async throws -> Reply {
        // Who may not read it hears so now, not in the middle of a file.
        let first = try await piece(nil)
        let day = CivilDate.text(dayNumber: call.zone.wall(call.now).dayNumber)
        return Reply(
            headers: [
                ("Content-Type", format.type),
                ("Content-Disposition", "attachment; filename=\"\(name)-\(day).\(format.rawValue)\""),
                ("Cache-Control", "no-store"),
            ],
            body: format == .csv ? csv(first) : .bytes(try await workbook(first)))
    }

    private func csv(_ first: Piece) -> Reply.Body {
        let cursor = Locked<String?>(nil)
        return .chunks { index in
            let after = cursor.withLock { $0 }
            guard index == 0 || after != nil else { return nil }
            let some = index == 0 ? first : try await piece(after)
            cursor.withLock { $0 = some.next }
            var writer = CSV.Writer()
            if index == 0 { writer.row(heads) } else { _ = writer.take() }
            for row in some.rows {
                writer.row(
                    row.map { cell -> CSV.Cell in
                        switch cell {
                        case .text(let s): .text(s)
                        case .number(let s): .number(s)
                        }
                    })
            }
            return writer.take()
        }
    }

    /// The library writes a file: it is put together beside the data, sent, and forgotten.
    private func workbook(_ first: Piece) async throws -> [UInt8] {
        let path = NSTemporaryDirectory() + "fettle-\(UUID().uuidString).xlsx"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let book = try XLSXWriter(path: path, sheet: title, columns: heads.map { ($0, 16) })
        var some = first
        while true {
            for row in some.rows {
                try book.write(
                    row.map { cell -> XLSXWriter.Cell in
                        switch cell {
                        case .text(let s): s.isEmpty ? .empty : .text(s)
                        case .number(let s): Double(s).map { .number($0) } ?? .empty
                        }
                    })
            }
            guard let next = some.next else { break }
            some = try await piece(next)
        }
        try book.finish()
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(.internal, "file.unwritable", ["file": name])
        }
        return Array(data)
    }
}
