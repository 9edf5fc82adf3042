import ArgumentParser
import Base
import People
import Store

struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Accounts.",
        subcommands: [UserAdd.self, UserDisable.self, UserList.self])
}

extension Role: ExpressibleByArgument {}

struct UserAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Makes an account; without --password one is made up and printed.")

    @OptionGroup var place: Place
    @Argument(help: "The sign-in name.") var login: String
    @Option(help: "The person's name; the sign-in name where it is left out.") var name: String?
    @Option(help: "A role; may be given more than once.") var role: [Role] = []
    @Option(help: "Name of the customer or supplier; the house where it is left out.")
    var organization: String?
    @Option(help: "The first password; to be changed at the first sign-in.") var password: String?

    func run() async throws {
        try await Terminal.run {
            let store = try await place.open()
            let made = password == nil ? String(Secrets.token().prefix(20)) : nil
            let account = try await People.createAccount(
                login: login, name: name ?? login, roles: role.isEmpty ? [.administrator] : role,
                organization: organization, password: password ?? made, store)
            Terminal.note("account \(account.login)")
            if let made { Terminal.out(made) }
            await store.engine.close()
        }
    }
}

struct UserDisable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Stops an account; its sessions and tokens end at once.")

    @OptionGroup var place: Place
    @Argument(help: "The sign-in name.") var login: String

    func run() async throws {
        try await Terminal.run {
            let store = try await place.open()
            try await People.disableAccount(login: login, store)
            Terminal.note("account \(login) is disabled")
            await store.engine.close()
        }
    }
}

struct UserList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Sign-in name, name, state and roles, one account a line.")

    @OptionGroup var place: Place

    func run() async throws {
        try await Terminal.run {
            let store = try await place.open()
            for one in try await People.listAccounts(store) {
                Terminal.out(
                    [
                        one.account.login, one.account.name, one.account.isActive ? "active" : "disabled",
                        one.roles.map(\.rawValue).joined(separator: ","),
                    ].joined(separator: "\t"))
            }
            await store.engine.close()
        }
    }
}

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Personal tokens for programs.", subcommands: [TokenCreate.self])
}

struct TokenCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Makes a token and prints it alone; it is shown only here.")

    @OptionGroup var place: Place
    @Option(help: "The sign-in name.") var user: String
    @Option(help: "What it is for.") var name = "command line"

    func run() async throws {
        try await Terminal.run {
            let store = try await place.open()
            Terminal.out(try await People.createToken(login: user, name: name, store))
            await store.engine.close()
        }
    }
}
