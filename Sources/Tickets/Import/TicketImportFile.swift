import Base
import Foundation
import Store

extension TicketImport {
    /// Reads a file of CSV in blocks and takes over its tickets, inside the caller's transaction.
    ///
    /// - Parameter progress: told after each block how many bytes were read.
    /// - Throws: `file.unreadable`, and what is wrong in the file with `file`, `line` and `column`
    public static func run(
        file path: String, _ map: IncidentMap, isTrial: Bool = false, progress: (Int) -> Void = { _ in },
        _ tx: Transaction
    ) throws -> Report {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw Failure(.notFound, "file.unreadable", ["file": path])
        }
        defer { try? file.close() }
        var work = TicketImport(map, source: PathText.name(path), isTrial: isTrial)
        var reader = CSV.Reader()
        var bytes = 0
        do {
            while let block = try file.read(upToCount: 262_144), !block.isEmpty {
                for row in try reader.feed(Array(block)) { try work.take(row, tx) }
                bytes += block.count
                progress(bytes)
            }
            for row in try reader.finish() { try work.take(row, tx) }
            return try work.finish(tx)
        } catch var failure as Failure {
            failure.arguments["file"] = path
            throw failure
        }
    }
}
