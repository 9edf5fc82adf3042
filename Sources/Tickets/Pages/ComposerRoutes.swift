import Base
import Store
import Web

/// What the composer of a ticket's page sends: a message or a note, perhaps with files, which then belong
/// to that very line of the timeline. Form or multipart.
enum ComposerRoutes {
    static func add(_ routes: inout Routes) {
        for step in [Step.responses, .notes] {
            routes.free(
                "POST", "/tickets/{id}/" + step.rawValue, surface: .page, maxBody: Attachments.largest,
                takesFiles: true
            ) { call, kit, incoming in
                try await take(step, call, kit, incoming)
            }
        }
    }

    private static func take(_ step: Step, _ call: Call, _ kit: Kit, _ incoming: Incoming) async throws
        -> Reply
    {
        let actor = try call.actor()
        let id = call.parameter("id")
        let refusal = try await kit.store.read(by: actor) { tx -> Failure? in
            let view = try TicketView.load(id, tx)
            let context = try Tickets.context(view, for: step, tx)
            return view.ticket.roleRefusal(step, tx.actor, context)
        }
        // Rights first: many bytes are not read for somebody who may not write here. A few are, to show
        // them again beside the reason.
        if let refusal, !HeldFiles.isShort(call) { throw refusal }
        let sent = try await HeldFiles.read(call, kit, incoming)
        do {
            if let refusal { throw refusal }
            let number = try await kit.store.write(by: actor) { tx in try write(step, id, sent, tx) }
            return .redirect("/tickets/\(number)?done=\(step.rawValue)")
        } catch let failure as Failure where HeldFiles.isShownAgain(failure) {
            var call = sent
            call.failure = failure
            let refused = call
            var reply = try await kit.store.read(by: actor) { tx in try TicketPage.show(refused, tx) }
            reply.status = failure.kind.rawValue
            return reply
        }
    }

    /// The message and its files in one transaction. Files without a word are attached as such.
    private static func write(_ step: Step, _ id: String, _ call: Call, _ tx: Transaction) throws -> String {
        let visibility: Visibility = step == .notes ? .internal : .public
        let files = try HeldFiles.chosen(call, tx)
        if !files.isEmpty, (call.typed("body") ?? "").trimmed.isEmpty {
            return try Attachments.attach(files, to: id, visibility: visibility, tx).ticket.number
        }
        let input = try call.input(MessageInput.self)
        let message = Message(body: input.body, channel: input.channel)
        let view = try Tickets.take(step, id, tx) { _ in step == .notes ? .note(message) : .response(message)
        }
        try Attachments.tie(files, to: view.ticket, step, visibility: visibility, tx)
        return view.ticket.number
    }
}
