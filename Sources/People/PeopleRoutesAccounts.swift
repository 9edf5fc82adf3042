import Base
import Store
import Web

/// The query of a list of accounts.
struct AccountQuery: Command {
    var q: String?
    var role: Role?
    var state: State?
    var organization: OrganizationID?
    var paging: Paging

    enum State: String, CaseIterable, Sendable { case active, disabled }

    init(_ read: inout FieldReader) {
        q = read.optionalText("q", max: 200)
        role = read.optionalChoice("role")
        state = read.optionalChoice("state")
        organization = read.optionalID("organization")
        paging = Paging(&read)
    }

    var filter: AccountFilter {
        AccountFilter(
            words: Likes.words(q), role: role, isActive: state.map { $0 == .active },
            organization: organization)
    }
}

/// The query of a list of organisations or projects.
struct PlaceQuery: Command {
    var q: String?
    var kind: Organization.Kind?
    var paging: Paging

    init(_ read: inout FieldReader) {
        q = read.optionalText("q", max: 200)
        kind = read.optionalChoice("kind")
        paging = Paging(&read)
    }
}

extension People {
    static func accountRoutes(_ routes: inout Routes) {
        routes.get(
            "/admin/accounts", roles: readers,
            .init("Accounts", tag: "admin", query: AccountQuery.self, answer: .page(PeopleJSON.account))
        ) { call, tx in
            let page = try accountPage(call, tx)
            return Reply.json(page.json(PeopleJSON.account))
        }
        routes.get(
            "/admin/accounts/{id}", roles: readers,
            .init("An account with its posts", tag: "admin", answer: .one(PeopleJSON.account))
        ) { call, tx in
            let account = try account(of: call, tx)
            return try Reply.json(json(account, tx)).tagged(account.version)
        }
        routes.step(
            "/admin/accounts", roles: readers,
            .init(
                "Make an account", tag: "admin", body: NewAccount.self, answer: .one(PeopleJSON.account),
                status: 201),
            again: AccountPages.new
        ) { call, tx in
            try requireAdministrator(tx)
            let account = try add(call.input(NewAccount.self), tx)
            let path = "/admin/accounts/" + account.id.text
            return try call.respond(
                made: path, page: path + "?done=account_made", json: json(account, tx),
                version: account.version)
        }
        var edit = Route.Doc(
            "Change an account", tag: "admin", body: EditAccount.self, answer: .one(PeopleJSON.account))
        edit.needsMatch = true
        let change: @Sendable (Call, Transaction) throws -> Reply = { call, tx in
            let account = try account(of: call, tx)
            try requireAdministrator(tx)
            try call.requireVersion(account.version)
            let new = try self.change(account, call.input(EditAccount.self), tx)
            return try call.respond(
                page: "/admin/accounts/\(new.id.text)?done=saved", json: json(new, tx), version: new.version)
        }
        routes.change("PATCH", "/admin/accounts/{id}", roles: readers, edit, change)
        routes.form("/admin/accounts/{id}", roles: readers, again: AccountPages.one, change)
        routes.page("/admin/accounts", roles: readers, AccountPages.list)
        routes.page("/admin/accounts/new", roles: Roles(.administrator), AccountPages.new)
        routes.page("/admin/accounts/{id}", roles: readers, AccountPages.one)
        for (step, summary, work) in [
            ("disabling", "Stop an account and end its sessions", disable),
            ("enabling", "Let it sign in again", enable),
        ] as [(String, String, @Sendable (Account, Transaction) throws -> Account)] {
            routes.step(
                "/admin/accounts/{id}/\(step)", roles: readers,
                .init(summary, tag: "admin", answer: .one(PeopleJSON.account)), again: AccountPages.one
            ) { call, tx in
                let new = try work(account(of: call, tx), tx)
                return try call.respond(
                    page: "/admin/accounts/\(new.id.text)?done=saved", json: json(new, tx),
                    version: new.version)
            }
        }
        routes.step(
            "/admin/accounts/{id}/posts", roles: readers,
            .init(
                "Give a role", tag: "admin", body: NewPost.self, answer: .one(PeopleJSON.post), status: 201),
            again: AccountPages.one
        ) { call, tx in
            let account = try account(of: call, tx)
            try requireAdministrator(tx)
            let post = try add(call.input(NewPost.self), to: account, tx)
            let path = "/admin/accounts/" + account.id.text
            return call.respond(
                made: path, page: path + "?done=post_given", json: PeopleJSON.post.json(post))
        }
        routes.step(
            "/admin/accounts/{id}/posts/{post}/ending", roles: readers,
            .init("End a role", tag: "admin", body: EndPost.self, answer: .one(PeopleJSON.post)),
            again: AccountPages.one
        ) { call, tx in
            let account = try account(of: call, tx)
            let wanted: PostID = call.id("post")
            guard let post = try tx.posts(of: [account.id]).first(where: { $0.id == wanted }) else {
                throw Failure.notFound()
            }
            try requireAdministrator(tx)
            let ended = try end(post, of: account, at: call.input(EndPost.self).to, tx)
            return call.respond(
                page: "/admin/accounts/\(account.id.text)?done=post_ended", json: PeopleJSON.post.json(ended))
        }
        routes.step(
            "/admin/accounts/{id}/reset-link", roles: readers,
            .init(
                "Make a one-time link for a new password", tag: "admin", answer: .one(PeopleJSON.resetLink),
                status: 201), again: AccountPages.one
        ) { call, tx in
            let account = try account(of: call, tx)
            let link = try makeResetLink(account, tx)
            if call.surface == .page { return try AccountPages.resetLink(link.url, account, call, tx) }
            return Reply.json(
                PeopleJSON.resetLink.json(.init(url: link.url, until: link.until)), status: 201
            ).secret
        }
    }

    static func account(of call: Call, _ tx: Transaction) throws -> Account {
        guard let account = try tx.account(call.id()) else { throw Failure.notFound() }
        return account
    }

    static func json(_ account: Account, _ tx: Transaction) throws -> JSON {
        PeopleJSON.account.json((account, try tx.posts(of: [account.id])))
    }

    /// A page of a list, bound to who reads it and what it is narrowed by.
    static func accountPage(_ call: Call, _ tx: Transaction) throws -> Page<(Account, [Post])> {
        let query = try call.filter(AccountQuery.self)
        let filter = query.filter
        let list = Listing("accounts", query.paging, narrowedBy: [filter.signature], call)
        let page = list.page(try tx.accounts(filter, after: list.after(1)?[0], limit: list.asked)) {
            [$0.login]
        }
        let posts = Dictionary(grouping: try tx.posts(of: page.items.map(\.id)), by: \.account)
        return page.map { ($0, posts[$0.id] ?? []) }
    }
}
