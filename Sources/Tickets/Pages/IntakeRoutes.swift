import Base
import Store
import Web

/// `POST /tickets` and `POST /tickets/{id}/draft`: the forms of the intake page, with files. A file is
/// staged as it comes in; ticket and files are tied together in one transaction.
enum IntakeRoutes {
    static func add(_ routes: inout Routes) {
        routes.page("/tickets/new") { call, tx in try IntakePage.page(call, tx) }
        routes.page("/tickets/{id}/edit") { call, tx in try IntakePage.edit(call, tx) }
        routes.form("/tickets/find") { call, tx in try IntakePage.page(call, tx) }
        routes.form("/tickets/{id}/find") { call, tx in try IntakePage.edit(call, tx) }
        routes.free("POST", "/tickets", surface: .page, maxBody: Attachments.largest) { call, kit, incoming in
            try await take(call, kit, incoming) { call, tx in
                try Tickets.create(try call.input(NewTicket.self), tx)
            } again: { call, tx in
                try IntakePage.page(call, tx)
            }
        }
        routes.free("POST", "/tickets/{id}/draft", surface: .page, maxBody: Attachments.largest) {
            call, kit, incoming in
            try await take(call, kit, incoming) { call, tx in
                let version = Int64(call.typed("_version") ?? "")
                return try Tickets.edit(
                    call.parameter("id"),
                    checking: { stored in
                        if let version, version != stored {
                            throw Failure(.preconditionFailed, "precondition.failed")
                        }
                    }, tx
                ) { try call.input(NewTicket.self) }
            } again: { call, tx in
                try IntakePage.edit(call, tx)
            }
        }
    }

    /// Reads the form, stages its files, takes the step and attaches the files, or shows the page again
    /// with what was typed and what is wrong.
    private static func take(
        _ call: Call, _ kit: Kit, _ incoming: Incoming,
        _ step: @escaping @Sendable (Call, Transaction) throws -> TicketView,
        again: @escaping @Sendable (Call, Transaction) throws -> Reply
    ) async throws -> Reply {
        let actor = try call.actor()
        try await kit.store.read(by: actor) { try Tickets.mayEnter($0) }
        let upload = try await Attachments.stage(call, kit, incoming)
        try Forms.check(upload.fields, call)
        var filled = call
        filled.content = .form(upload.fields)
        let typed = filled
        do {
            let (number, isDraft) = try await kit.store.write(by: actor) { tx in
                let view = try step(typed, tx)
                if !upload.files.isEmpty {
                    _ = try Attachments.attach(upload.files, to: view.ticket.id.text, visibility: .public, tx)
                }
                return (view.ticket.number, view.ticket.state == .draft)
            }
            if isDraft { return .redirect("/tickets/\(number)/edit?done=draft") }
            return .redirect("/tickets/\(number)?done=submission")
        } catch let failure as Failure where failure.kind == .invalid || failure.kind == .conflict {
            let refused = failure
            return try await kit.store.read(by: actor) { tx in
                var call = typed
                call.failure = refused
                var reply = try again(call, tx)
                if reply.status == 200 { reply.status = refused.kind.rawValue }
                return reply
            }
        }
    }
}
