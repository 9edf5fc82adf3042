import Base
import Store
import Web

/// What the composer of a ticket's page sends: a message or a note, perhaps with files, which then belong
/// to that very line of the timeline. Form or multipart.
enum ComposerRoutes {
    static func add(_ routes: inout Routes) {
        for step in [Step.responses, .notes] {
            routes.free(
                "POST", "/tickets/{id}/" + step.rawValue, surface: .page, maxBody: Attachments.largest
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
        // Rights first: many bytes are not read for somebody who may not write here.
        try await kit.store.read(by: actor) { tx in
            let view = try TicketView.load(id, tx)
            let context = try Tickets.context(view, for: step, tx)
            try view.ticket.permitRole(step, tx.actor, context)
        }
        let upload = try await read(call, kit, incoming)
        try Forms.check(upload.fields, call)
        var call = call
        call.content = .form(upload.fields)
        do {
            let sent = call
            let number = try await kit.store.write(by: actor) { tx in
                try write(step, id, sent, upload.files, tx)
            }
            return .redirect("/tickets/\(number)?done=\(step.rawValue)")
        } catch let failure as Failure where failure.kind == .invalid || failure.kind == .conflict {
            call.failure = failure
            let refused = call
            var reply = try await kit.store.read(by: actor) { tx in try TicketPage.show(refused, tx) }
            reply.status = failure.kind.rawValue
            return reply
        }
    }

    private static func read(_ call: Call, _ kit: Kit, _ incoming: Incoming) async throws
        -> Attachments.Upload
    {
        if call.headers["content-type"]?.lowercased().hasPrefix("application/x-www-form-urlencoded") ?? false
        {
            var bytes: [UInt8] = []
            while let piece = try await incoming.next() {
                bytes += piece
                guard bytes.count <= 1 << 20 else {
                    throw Failure(.tooLarge, "body.too_large", ["limit": String(1 << 20)])
                }
            }
            var upload = Attachments.Upload()
            upload.fields = try FormBody.parse(bytes).fields.map { ($0.name, $0.value) }
            return upload
        }
        return try await Attachments.stage(call, kit, incoming)
    }

    /// The message and its files in one transaction. Files without a word are attached as such.
    private static func write(_ step: Step, _ id: String, _ call: Call, _ files: [String], _ tx: Transaction)
        throws
        -> String
    {
        let visibility: Visibility = step == .notes ? .internal : .public
        if !files.isEmpty, (call.typed("body") ?? "").trimmed.isEmpty {
            return try Attachments.attach(files, to: id, visibility: visibility, tx).ticket.number
        }
        let input = try call.input(MessageInput.self)
        let message = Message(body: input.body, channel: input.channel)
        let view = try Tickets.take(step, id, tx) { _ in step == .notes ? .note(message) : .response(message)
        }
        guard !files.isEmpty else { return view.ticket.number }
        let fact = try tx.int(
            """
            select max(number) from history where subject_kind = 'ticket' and subject_id = \(view.ticket.id)
              and kind = \("ticket." + step.rawValue)
            """)
        try tx.run(
            """
            update attachment set ticket_id = \(view.ticket.id), fact_number = \(fact), visibility = \(visibility)
            where id in \(list: files) and ticket_id is null and is_complete = 1
              and created_by = \(tx.actor.id?.text ?? "")
            """)
        return view.ticket.number
    }
}
