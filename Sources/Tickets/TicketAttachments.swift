import Base
import Store
import Web

/// A file on a ticket. Its bytes are rows of at most 256 KiB: one backup holds everything.
public struct StoredAttachment: Sendable {
    public var id: String
    public var ticket: TicketID?
    public var factNumber: Int64?
    public var name: String
    public var type: String
    public var size: Int64
    public var sha256: String
    public var visibility: Visibility
    public var createdAt: Instant
    public var createdBy: AccountID?
}

/// Files: staged in short transactions of their own, attached in one with the step they belong to, read
/// piece by piece; what was never attached is swept after a day.
enum Attachments {
    static let chunkBytes = 256 * 1024
    static let largest = 200 << 20

    static let columns: SQL = """
        id, ticket_id, fact_number, name, type, size, sha256, visibility, created_at, created_by
        """

    static func read(_ r: inout Row) -> StoredAttachment {
        StoredAttachment(
            id: r.text(), ticket: r.idOrNil(), factNumber: r.intOrNil(), name: r.text(), type: r.text(),
            size: r.int(), sha256: r.text(), visibility: r.choice(.internal), createdAt: r.instant(),
            createdBy: r.idOrNil())
    }

    static func list(_ ticket: TicketID, internalToo: Bool, _ tx: Transaction) throws -> [StoredAttachment] {
        let filter: SQL = internalToo ? "" : " and visibility = 'public'"
        return try tx.rows(
            "select \(columns) from attachment where ticket_id = \(ticket) and is_complete = 1\(filter) order by id",
            read)
    }

    /// Types that a browser may show inside the page; everything else is downloaded. SVG and HTML can
    /// carry script and are never shown.
    static let shown: Set<String> = ["image/png", "image/jpeg", "image/gif", "image/webp"]

    /// What the first bytes say it is, whatever the sender claims.
    static func type(_ head: [UInt8]) -> String {
        if head.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return "image/png" }
        if head.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
        if head.starts(with: Array("GIF8".utf8)) { return "image/gif" }
        if head.count >= 12, head[0..<4].elementsEqual("RIFF".utf8), head[8..<12].elementsEqual("WEBP".utf8) {
            return "image/webp"
        }
        if head.starts(with: Array("%PDF-".utf8)) { return "application/pdf" }
        return "application/octet-stream"
    }

    /// What an upload brought: the form's fields and the ids of staged files.
    struct Upload: Sendable {
        var fields: [(name: String, value: String)] = []
        var files: [String] = []
    }

    /// Reads a multipart body, staging each file as it comes in.
    static func stage(_ call: Call, _ kit: Kit, _ incoming: Incoming) async throws -> Upload {
        guard let type = call.headers["content-type"],
            let boundary = try? Multipart.boundary(contentType: type)
        else {
            throw Failure(.unsupportedMedia, "media_type")
        }
        let actor = try call.actor()
        var limits = Multipart.Limits()
        limits.totalBytes = largest
        var parser = Multipart(boundary: boundary, limits: limits)
        var upload = Upload()
        var open: Staging?
        var field: (name: String, bytes: [UInt8])?
        func handle(_ events: [Multipart.Event]) async throws {
            for event in events {
                switch event {
                case .part(let part):
                    if let name = part.fileName {
                        open = name.isEmpty ? nil : try await Staging.begin(name, actor, kit)
                        field = nil
                    } else {
                        field = (part.name, [])
                        open = nil
                    }
                case .data(let bytes):
                    if open != nil { try await open?.add(bytes, kit) } else { field?.bytes += bytes }
                    if let size = field?.bytes.count, size > 64 * 1024 {
                        throw Failure(.tooLarge, "body.too_large", ["limit": "65536"])
                    }
                case .end:
                    if var staging = open, let id = try await staging.finish(kit) { upload.files.append(id) }
                    if let f = field {
                        guard let text = String(validating: f.bytes, as: UTF8.self) else {
                            throw Failure.invalid(f.name, "field.not_text")
                        }
                        upload.fields.append((f.name, text))
                    }
                    open = nil
                    field = nil
                }
            }
        }
        while let piece = try await incoming.next() { try await handle(try parser.feed(piece)) }
        try parser.finish()
        return upload
    }

    /// A file on its way in.
    private struct Staging: Sendable {
        let id: String
        let actor: Actor
        var buffer: [UInt8] = []
        var number = 0
        var size: Int64 = 0
        var head: [UInt8] = []
        var hasher = Secrets.Hasher()

        static func begin(_ name: String, _ actor: Actor, _ kit: Kit) async throws -> Staging {
            let clean = CleanText.fileName(name)
            let id = try await kit.store.write(by: actor) { tx in
                let id: ID<StoredAttachment> = tx.makeID()
                try tx.run(
                    """
                    insert into attachment (id, ticket_id, name, type, size, sha256, visibility, created_at,
                      created_by, is_complete)
                    values (\(id), null, \(clean), '', 0, '', 'internal', \(tx.now), \(actor.id), 0)
                    """)
                return id.text
            }
            return Staging(id: id, actor: actor)
        }

        mutating func add(_ bytes: [UInt8], _ kit: Kit) async throws {
            size += Int64(bytes.count)
            hasher.add(bytes)
            if head.count < 16 { head += bytes.prefix(16 - head.count) }
            buffer += bytes
            while buffer.count >= Attachments.chunkBytes {
                let chunk = Array(buffer.prefix(Attachments.chunkBytes))
                buffer.removeFirst(Attachments.chunkBytes)
                try await put(chunk, kit)
            }
        }

        private mutating func put(_ chunk: [UInt8], _ kit: Kit) async throws {
            let n = number
            let id = id
            number += 1
            try await kit.store.write(by: actor) { tx in
                try tx.run(
                    "insert into attachment_chunk (attachment_id, number, bytes) values (\(id), \(n), \(chunk))"
                )
            }
        }

        /// The id, or nil for an empty file, which browsers send for an untouched field.
        mutating func finish(_ kit: Kit) async throws -> String? {
            if !buffer.isEmpty { try await put(buffer, kit) }
            let id = id
            let size = size
            let type = Attachments.type(head)
            let hash = Secrets.hex(hasher.finish())
            try await kit.store.write(by: actor) { tx in
                if size == 0 {
                    try tx.run("delete from attachment where id = \(id)")
                } else {
                    try tx.run(
                        "update attachment set type = \(type), size = \(size), sha256 = \(hash), is_complete = 1 where id = \(id)"
                    )
                }
            }
            return size == 0 ? nil : id
        }
    }

    /// Ties staged files of the caller to a ticket, each with a fact of its own. A public one from a
    /// customer counts as their word: it ends a pause.
    static func attach(_ files: [String], to id: String, visibility: Visibility, _ tx: Transaction) throws
        -> TicketView
    {
        var view = try TicketView.load(id, tx)
        for file in files {
            let staged = try tx.first(
                """
                select \(columns) from attachment where id = \(file) and ticket_id is null and is_complete = 1
                  and created_by = \(tx.actor.id?.text ?? "")
                """, read)
            guard let staged else { throw Failure.notFound("attachment.not_found") }
            view = try Tickets.take(.attachments, view.ticket.id.text, tx) { _ in
                .attachment(name: staged.name, visibility: visibility)
            }
            let number = try tx.int(
                "select number from chain where subject_kind = 'ticket' and subject_id = \(view.ticket.id)")
            try tx.run(
                """
                update attachment set ticket_id = \(view.ticket.id), fact_number = \(number), visibility = \(visibility)
                where id = \(file)
                """)
        }
        return view
    }

    /// Ties staged files to the line that a message or note has just made in the ticket's history.
    static func tie(
        _ files: [String], to ticket: Ticket, _ step: Step, visibility: Visibility, _ tx: Transaction
    ) throws {
        guard !files.isEmpty else { return }
        let fact = try tx.int(
            """
            select max(number) from history where subject_kind = 'ticket' and subject_id = \(ticket.id)
              and kind = \("ticket." + step.rawValue)
            """)
        try tx.run(
            """
            update attachment set ticket_id = \(ticket.id), fact_number = \(fact), visibility = \(visibility)
            where id in \(list: files) and ticket_id is null and is_complete = 1
              and created_by = \(tx.actor.id?.text ?? "")
            """)
    }

    /// Removes what was staged a day ago and never attached.
    static func sweep(_ tx: Transaction) throws {
        let old = tx.now - .days(1)
        try tx.run(
            """
            delete from attachment_chunk where attachment_id in
              (select id from attachment where ticket_id is null and created_at < \(old))
            """)
        try tx.run("delete from attachment where ticket_id is null and created_at < \(old)")
    }
}

/// Uploads and downloads.
enum AttachmentRoutes {
    static let shape = Shape<StoredAttachment>(
        "Attachment",
        [
            .text("id") { $0.id }, .text("name") { $0.name }, .text("type") { $0.type },
            .int("size") { $0.size },
            .text("sha256") { $0.sha256 }, .text("visibility") { $0.visibility.rawValue },
            .time("created_at") { $0.createdAt }, .optionalText("created_by") { $0.createdBy?.text },
        ])

    static func add(_ routes: inout Routes) {
        var doc = Route.Doc("Attach a file", tag: "attachments", answer: .one(shape), status: 201)
        doc.isUpload = true
        routes.free("POST", "/tickets/{id}/attachments", surface: .api, doc, maxBody: Attachments.largest) {
            call, kit, incoming in
            // Rights first: a body of 200 MiB is not read for somebody who may not attach it.
            let id = call.parameter("id")
            try await mayAttach(id, call, kit)
            let upload = try await Attachments.stage(call, kit, incoming)
            guard !upload.files.isEmpty else { throw Failure.invalid("file", "field.required") }
            // One answer tells of one file.
            guard upload.files.count == 1 else { throw Failure.invalid("file", "field.repeated") }
            if let other = upload.fields.first(where: { $0.name != "visibility" }) {
                throw Failure.invalid(other.name, "field.unknown")
            }
            let visibility = try visibility(upload, call)
            return try await kit.store.write(by: try call.actor()) { tx in
                try call.once(try content(upload, tx), tx) {
                    _ = try Attachments.attach(upload.files, to: id, visibility: visibility, tx)
                    guard let first = try staged(upload, tx).first else {
                        throw Failure(.internal, "internal")
                    }
                    return Reply.created(shape.json(first), at: "/api/v1/attachments/\(first.id)")
                }
            }
        }
        routes.free(
            "POST", "/tickets/{id}/attachments", surface: .page, maxBody: Attachments.largest,
            takesFiles: true, again: TicketPage.show
        ) { call, kit, incoming in
            let id = call.parameter("id")
            try await mayAttach(id, call, kit)
            let upload = try await Attachments.stage(call, kit, incoming)
            try Forms.check(upload.fields, call)
            guard !upload.files.isEmpty else { throw Failure.invalid("file", "field.required") }
            let visibility = try visibility(upload, call)
            let view = try await kit.store.write(by: try call.actor()) { tx in
                try Attachments.attach(upload.files, to: id, visibility: visibility, tx)
            }
            return .redirect("/tickets/\(view.ticket.number)?done=attachments")
        }
        for surface in [Surface.api, .page] {
            routes.free(
                "GET", "/attachments/{id}", surface: surface, .init("Download a file", tag: "attachments")
            ) {
                call, kit, _ in
                try await download(call, kit)
            }
        }
    }

    private static func staged(_ upload: Attachments.Upload, _ tx: Transaction) throws -> [StoredAttachment] {
        try tx.rows(
            "select \(Attachments.columns) from attachment where id in \(list: upload.files) order by id",
            Attachments.read)
    }

    /// What an upload is compared by when its key comes again: fields, names and hashes of the files.
    private static func content(_ upload: Attachments.Upload, _ tx: Transaction) throws -> [UInt8] {
        let files = try staged(upload, tx).flatMap { [$0.name, $0.sha256] }
        return JSON.array((upload.fields.flatMap { [$0.name, $0.value] } + files).map { .string($0) }).bytes
    }

    private static func mayAttach(_ id: String, _ call: Call, _ kit: Kit) async throws {
        try await kit.store.read(by: try call.actor()) { tx in
            let view = try TicketView.load(id, tx)
            let context = try Tickets.context(view, for: .attachments, tx)
            try view.ticket.permit(.attachments, tx.actor, context, at: tx.now)
        }
    }

    private static func visibility(_ upload: Attachments.Upload, _ call: Call) throws -> Visibility {
        let asked = upload.fields.filter { $0.name == "visibility" }
        guard asked.count <= 1 else { throw Failure.invalid("visibility", "field.repeated") }
        // A word that is not known might have meant the house alone: never taken for public.
        guard let word = asked.first?.value else { return .public }
        guard let visibility = Visibility(rawValue: word) else {
            throw Failure.invalid("visibility", "field.not_a_choice")
        }
        // What a customer hands in is never hidden from themselves.
        return try call.actor().isStaff ? visibility : .public
    }

    private static func download(_ call: Call, _ kit: Kit) async throws -> Reply {
        let id = call.parameter("id")
        let actor = try call.actor()
        let file = try await kit.store.read(by: actor) { tx -> StoredAttachment in
            let filter: SQL = TicketAccess.seesInternal(tx.actor) ? "" : " and a.visibility = 'public'"
            let found = try tx.first(
                """
                select a.id, a.ticket_id, a.fact_number, a.name, a.type, a.size, a.sha256, a.visibility,
                  a.created_at, a.created_by
                from attachment a join ticket t on t.id = a.ticket_id
                where a.id = \(id) and a.is_complete = 1 and \(TicketAccess.visible(to: tx.actor))\(filter)
                """, Attachments.read)
            guard let found else { throw Failure.notFound("attachment.not_found") }
            return found
        }
        let inline = Attachments.shown.contains(file.type) && call.queryValue("show") != nil
        let store = kit.store
        return Reply(
            headers: [
                ("Content-Type", file.type), ("Content-Length", String(file.size)),
                ("Content-Disposition", disposition(file.name, inline: inline)),
                ("Content-Security-Policy", "default-src 'none'; sandbox"),
                ("Cache-Control", "private, no-store"),
                ("ETag", "\"\(file.sha256)\""),
            ],
            body: .chunks { n in
                try await store.read(by: actor) { tx in
                    try tx.first(
                        "select bytes from attachment_chunk where attachment_id = \(id) and number = \(n)"
                    ) {
                        $0.blob()
                    }
                }
            })
    }

    /// RFC 6266 with an ASCII fallback; the stored name has no control characters and no path.
    private static func disposition(_ name: String, inline: Bool) -> String {
        let ascii = String(
            decoding: name.utf8.map { $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C ? $0 : 0x5F },
            as: UTF8.self)
        return
            "\(inline ? "inline" : "attachment"); filename=\"\(ascii)\"; filename*=UTF-8''\(FormBody.encode(name).replacing("+", with: "%20"))"
    }
}

/// What a multipart form must prove, as other forms do in the dispatcher.
enum Forms {
    static func check(_ fields: [(name: String, value: String)], _ call: Call) throws {
        try call.requireSecret(fields.last { $0.name == "_form" }?.value)
    }
}
