import Base
import Foundation
import Testing

/// The stylesheet and the scripts as they are built in: what a machine can see without a browser.
@Suite struct FrontFilesTests {
    private func text(_ name: String) throws -> String {
        let asset = try #require(Asset.named("static/" + name), "\(name) is not built in")
        return String(decoding: asset.bytes, as: UTF8.self)
    }

    private var scripts: [String] {
        Asset.all.map(\.name).filter { $0.hasPrefix("static/") && $0.hasSuffix(".js") }
            .map { String($0.dropFirst("static/".count)) }
    }

    /// Without comments, so that words in them are not taken for rules.
    private func rules() throws -> String { try text("fettle.css").replacing(/\/\*(?:.|\n)*?\*\//, with: "") }

    @Test func darkByTheSystemAndByChoiceAreEqual() throws {
        let css = try rules()
        func block(after opening: String) throws -> [String] {
            let start = try #require(css.range(of: opening)).upperBound
            let end = try #require(css[start...].firstIndex(of: "}"))
            return css[start..<end].split(whereSeparator: \.isNewline).map {
                $0.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            }.filter { !$0.isEmpty }
        }
        let bySystem = try block(after: ":root:not([data-theme=\"light\"]) {")
        let byChoice = try block(after: ":root[data-theme=\"dark\"] {")
        #expect(bySystem == byChoice)
        #expect(bySystem.count > 15)
    }

    @Test func everyTokenThatIsReadIsDefined() throws {
        let css = try rules()
        let read = Set(css.matches(of: /var\((--[a-z0-9-]+)/).map { String($0.1) })
        let defined = Set(css.matches(of: /(--[a-z0-9-]+)\s*:/).map { String($0.1) })
        #expect(read.subtracting(defined).sorted() == [])
        #expect(read.count > 40)
    }

    @Test func everySentenceThatAScriptSaysStandsInAllLanguages() throws {
        var asked: Set<String> = []
        for name in scripts {
            let script = try text(name)
            // `say('key'` and `say(condition ? 'key' : 'other'`.
            for call in script.matches(of: /say\(([^)]*)/) {
                for key in call.1.matches(of: /'([a-z]+\.[a-z_]+)'/) { asked.insert("script." + key.1) }
            }
        }
        #expect(asked.count > 20)
        for language in Language.allCases {
            let strings = Strings.of(language)
            #expect(asked.filter { !strings.has($0) }.sorted() == [], "\(language.tag)")
        }
    }

    @Test func everyImportIsBuiltIn() throws {
        #expect(scripts.contains("fettle.js"))
        for name in scripts {
            for found in try text(name).matches(of: /from '\.\/([a-z]+\.js)'/) {
                #expect(scripts.contains(String(found.1)), "\(name) imports \(found.1)")
            }
        }
    }

    /// What the content security policy forbids, or what would let text become markup.
    @Test(arguments: [
        "eval(", "new Function", ".innerHTML =", "insertAdjacentHTML", "document.write", "outerHTML =",
        "'style'", "javascript:",
    ])
    func noScriptMakesMarkupOfText(_ forbidden: String) throws {
        for name in scripts { #expect(try !text(name).contains(forbidden), "\(name)") }
    }
}
