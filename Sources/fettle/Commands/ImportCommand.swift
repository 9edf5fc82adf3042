import ArgumentParser
import Base
import Foundation
import InstalledBase
import Store
import Tickets

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Takes over data from another system.",
        subcommands: [ImportTickets.self, ImportSales.self])
}

struct ImportTickets: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tickets",
        abstract: "Takes over tickets from an event log in CSV; all of the file or nothing.",
        discussion: "The map says what the columns hold: see Examples/incident-log.map.json.")

    @OptionGroup var place: Place
    @Argument(help: "CSV in UTF-8, a heading first, one event a row.", completion: .file()) var file: String
    @Option(help: "What the columns hold (JSON).", completion: .file()) var map: String
    @Flag(help: "Check the file and say what would happen.") var dryRun = false

    func run() async throws {
        try await Terminal.run {
            let json = try Terminal.json(file: map)
            let parsed: IncidentMap
            do {
                parsed = try IncidentMap(json: json)
            } catch var failure as Failure {
                failure.arguments["file"] = map
                failure.arguments["line"] = "1"
                failure.arguments["column"] = "1"
                throw failure
            }
            let store = try await place.open()
            let path = file
            let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
            let work: @Sendable (Transaction) throws -> TicketImport.Report = { [dryRun] tx in
                try TicketImport.run(
                    file: path, parsed, isTrial: dryRun,
                    progress: { Terminal.progress("\($0 * 100 / max(1, size)) %") }, tx)
            }
            let report =
                try await dryRun
                ? store.read(by: .system("import"), work) : store.write(.long, by: .system("import"), work)
            Terminal.endProgress()
            Terminal.out(report.json.pretty())
            if dryRun { Terminal.note("nothing was written (dry run)") }
            await store.engine.close()
        }
    }
}

struct ImportSales: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sales",
        abstract:
            "Turns sales and delivery records into customers, sites, units and warranty; all or nothing.",
        discussion: "Without a map the columns bear the fields' own names: see docs/command-line.md.")

    @OptionGroup var place: Place
    @Argument(help: "CSV or tab separated, UTF-8, a heading first, one unit a row.", completion: .file())
    var file: String
    @Option(help: "What the columns hold (JSON).", completion: .file()) var map: String?
    @Flag(help: "Check the file and say what would happen, row by row.") var dryRun = false

    func run() async throws {
        try await Terminal.run {
            let parsed: SalesMap
            do {
                parsed = try map.map { try SalesMap(json: Terminal.json(file: $0)) } ?? SalesMap()
            } catch var failure as Failure where failure.code == "import.map" {
                failure.arguments["file"] = map ?? ""
                failure.arguments["line"] = "1"
                failure.arguments["column"] = "1"
                throw failure
            }
            guard let data = FileManager.default.contents(atPath: file) else {
                throw Failure(.notFound, "file.unreadable", ["file": file])
            }
            let store = try await place.open()
            let path = file
            let work: @Sendable (Transaction) throws -> SalesImport.Report = { [dryRun] tx in
                do {
                    return try SalesImport.run(
                        SalesFile(Array(data), parsed), parsed, isTrial: dryRun, tx)
                } catch var failure as Failure {
                    failure.arguments["file"] = path
                    throw failure
                }
            }
            let report =
                try await dryRun
                ? store.read(by: .system("import"), work) : store.write(.long, by: .system("import"), work)
            Terminal.out(SalesImport.json(report, in: Terminal.language).pretty())
            if dryRun { Terminal.note("nothing was written (dry run)") }
            await store.engine.close()
            if !report.isClean { throw ExitCode(1) }
        }
    }
}
