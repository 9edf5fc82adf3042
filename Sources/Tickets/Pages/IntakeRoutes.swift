import Base
import Store
import Web

/// `POST /tickets` and `POST /tickets/{id}/draft`: the forms of the intake page, with files. A file is
/// staged as it comes in; ticket and files are tied together in one transaction.
enum IntakeRoutes {
    static func add(_ routes: inout Routes) {
        routes.page("/tickets/new") { call, tx in try IntakePage.page(call, tx) }
        routes.page("/tickets/{id}/edit") { call, tx in try IntakePage.edit(call, tx) }
        find("/tickets/find", &routes, IntakePage.page) { _, tx in try Tickets.mayEnter(tx) }
        find("/tickets/{id}/find", &routes, IntakePage.edit) { call, tx in
            _ = try IntakePage.own(call, tx)
        }
        routes.free("POST", "/tickets", surface: .page, maxBody: Attachments.largest, takesFiles: true) {
            call, kit, incoming in
            try await take(call, kit, incoming, again: IntakePage.page) { call, tx in
                if let same = try SameProblem.chosen(call) { return try same.add(call, draft: nil, tx) }
                return try entered(call, try Tickets.create(try call.input(NewTicket.self), tx), tx)
            }
        }
        routes.free(
            "POST", "/tickets/{id}/draft", surface: .page, maxBody: Attachments.largest, takesFiles: true
        ) {
            call, kit, incoming in
            try await take(call, kit, incoming, again: IntakePage.edit) { call, tx in
                let id = call.parameter("id")
                if let same = try SameProblem.chosen(call) { return try same.add(call, draft: id, tx) }
                let version = Int64(call.typed("_version") ?? "")
                let view = try Tickets.edit(
                    id,
                    checking: { stored in
                        if let version, version != stored {
                            throw Failure(.preconditionFailed, "precondition.failed")
                        }
                    }, tx
                ) { try call.input(NewTicket.self) }
                return try entered(call, view, tx)
            }
        }
    }

    /// The same page again with what is known of the serial number; chosen files are kept.
    private static func find(
        _ path: String, _ routes: inout Routes,
        _ page: @escaping @Sendable (Call, Transaction) throws -> Reply,
        checking: @escaping @Sendable (Call, Transaction) throws -> Void
    ) {
        routes.free("POST", path, surface: .page, maxBody: Attachments.largest, takesFiles: true) {
            call, kit, incoming in
            let actor = try call.actor()
            try await kit.store.read(by: actor) { try checking(call, $0) }
            var filled = try await HeldFiles.read(call, kit, incoming)
            // What is known of the serial number fills the fields that were left empty.
            if case .form(let fields) = filled.content {
                filled.content = .form(fields.filter { !$0.value.isEmpty })
            }
            return try await kit.store.read(by: actor) { [filled] tx in try page(filled, tx) }
        }
    }

    /// The ticket with the form's files, and where to go on.
    private static func entered(_ call: Call, _ view: TicketView, _ tx: Transaction) throws -> String {
        let files = try HeldFiles.chosen(call, tx)
        if !files.isEmpty {
            _ = try Attachments.attach(files, to: view.ticket.id.text, visibility: .public, tx)
        }
        let path = "/tickets/\(view.ticket.number)"
        return view.ticket.state == .draft ? path + "/edit?done=draft" : path + "?done=submission"
    }

    /// Reads the form, stages its files and takes the step, or shows the page again with what was typed,
    /// what is wrong, and the files that came along.
    private static func take(
        _ call: Call, _ kit: Kit, _ incoming: Incoming,
        again: @escaping @Sendable (Call, Transaction) throws -> Reply,
        _ step: @escaping @Sendable (Call, Transaction) throws -> String
    ) async throws -> Reply {
        let actor = try call.actor()
        try await kit.store.read(by: actor) { try Tickets.mayEnter($0) }
        let typed = try await HeldFiles.read(call, kit, incoming)
        do {
            return .redirect(try await kit.store.write(by: actor) { tx in try step(typed, tx) })
        } catch let failure as Failure where HeldFiles.isShownAgain(failure) {
            return try await kit.store.read(by: actor) { tx in
                var call = typed
                call.failure = failure
                var reply = try again(call, tx)
                if reply.status == 200 { reply.status = failure.kind.rawValue }
                return reply
            }
        }
    }
}

/// "It is the same problem as this open one": what was written, and its files, go into that ticket's
/// conversation instead of a new ticket.
struct SameProblem {
    static let field = "same_as"
    var ticket: String

    /// nil where a new request, or a draft, is wanted.
    static func chosen(_ call: Call) throws -> SameProblem? {
        guard call.typed("draft") == nil, let ticket = call.typed(field), !ticket.isEmpty else { return nil }
        return SameProblem(ticket: ticket)
    }

    /// From a customer a public message, which also ends a pause. What staff enter for a customer is
    /// noted inside: entering is no response.
    func add(_ call: Call, draft: String?, _ tx: Transaction) throws -> String {
        let words = try call.input(Words.self)
        let message = Message(body: words.body)
        let step: Step = tx.actor.isStaff ? .notes : .responses
        let view: TicketView
        do {
            view = try Tickets.take(step, ticket, tx) { _ in
                step == .notes ? .note(message) : .response(message)
            }
        } catch let failure as Failure where failure.kind == .notFound {
            throw Failure.invalid(SameProblem.field, "ticket.unknown_reference")
        }
        try Attachments.tie(
            try HeldFiles.chosen(call, tx), to: view.ticket, step,
            visibility: step == .notes ? .internal : .public, tx)
        if let draft {
            let reason = call.t("intake.same.draft", ["number": view.ticket.number])
            _ = try Tickets.take(.cancellation, draft, tx) { _ in .cancellation(Reason(reason)) }
        }
        return "/tickets/\(view.ticket.number)?done=same_problem"
    }

    /// Title and description as one message.
    struct Words: Command {
        var body: String

        init(_ read: inout FieldReader) {
            let title = read.optionalText("title", max: 200)
            let description = read.text("description", max: 20_000, lines: true)
            body = [title, description].compactMap { $0 }.joined(separator: "\n\n")
        }
    }
}
