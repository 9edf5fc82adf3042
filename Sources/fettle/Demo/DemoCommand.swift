import ArgumentParser
import Base
import Foundation
import Store
import StoreSQLite

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a living demo world in an empty place.",
        discussion: """
            An invented maker of ground-station antennas and weather radars, its customers and a year of their \
            tickets in every state, played through the same rules as in production. Prints the sign-ins and \
            writes them to sign-ins.txt beside the data.
            """)

    @OptionGroup var place: Place
    @Option(help: "How many tickets.") var tickets = 160
    @Option(help: "The same seed makes the same world.") var seed: UInt64 = 1
    @Option(help: "The password of every account; made up where none is given.") var password: String?

    func validate() throws {
        guard (1...20_000).contains(tickets) else { throw ValidationError("--tickets: 1 to 20000") }
    }

    func run() async throws {
        try await Terminal.run {
            let password = password ?? DemoWorld.password()
            // Thousands of small commits that nobody relies on until the last one.
            let engine = try await place.engine(isDurable: false)
            let made: DemoWorld.Made
            do {
                made = try await DemoWorld.make(
                    engine, tickets: tickets, seed: seed, password: password, now: World.now()
                ) { done, total in
                    if done % 20 == 0 { Terminal.progress("\(done) of \(total) steps") }
                }
            } catch {
                await engine.close()
                throw error
            }
            try (engine as? SQLiteEngine)?.makeDurable()
            await engine.close()
            Terminal.endProgress()
            for fault in made.faults { Terminal.note("left out: \(fault)") }
            let table = DemoWorld.table(made.signIns, password: password)
            Terminal.out(table)
            // A server has no folder to write beside.
            guard let folder = place.folder else { return }
            let path = folder + "/sign-ins.txt"
            guard
                FileManager.default.createFile(
                    atPath: path, contents: Data(table.utf8), attributes: [.posixPermissions: 0o600])
            else { throw Failure(.internal, "demo.sign_ins_not_written", ["path": path]) }
        }
    }
}
