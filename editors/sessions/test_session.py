"""A session by pytest-lsp, a client that others wrote: pygls and lsprotocol.

It reads every message strictly, and warns when an answer uses what the client did
not declare; a warning is an error here, and so is one of pygls about a message that
it cannot read or does not know. SERVER is the file of the server.
"""

import asyncio
import logging
import os
import pathlib

import pytest
import pytest_lsp
from lsprotocol import types as lsp
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

SERVER = [os.environ["SERVER"], "lsp"]
# Editors whose capabilities come with pytest-lsp.
EDITORS = ["neovim@0.7", "neovim@0.11", "visual_studio_code", "emacs"]
HOME = "# Home 😀\n\n[[Old|x]] [[Old#Part]] #tag/one\n\n[[Missing]]\n\nmore [[\n"
NOTES = {
    "_Standards/a/Home.md": HOME,
    "_Standards/a/Old.md": "---\naliases: [Elder]\ntags: [tag/two]\nup: \"[[Home]]\"\n---\n# Old\n\n## Part\n\ntext ^id\n",
    "_public/a/Old.public.md": "![Old](/_Standards/a/Old.md)\n",
}


@pytest_lsp.fixture(
    scope="function", params=EDITORS, config=ClientServerConfig(server_command=SERVER)
)
async def client(request, lsp_client: LanguageClient, tmp_path: pathlib.Path):
    for path, text in NOTES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    folder = lsp.WorkspaceFolder(uri=tmp_path.as_uri(), name="vault")
    params = lsp.InitializeParams(
        capabilities=client_capabilities(request.param),
        root_uri=tmp_path.as_uri(),
        workspace_folders=[folder],
    )
    # Editors that register capabilities later do so; this client has nothing to keep.
    lsp_client.feature(lsp.CLIENT_REGISTER_CAPABILITY)(lambda _: None)
    await lsp_client.initialize_session(params)
    # Eglot takes no moves of files and makes none.
    lsp_client.moves_files = request.param != "emacs"
    uri = (tmp_path / "_Standards/a/Home.md").as_uri()
    document = lsp.TextDocumentItem(uri=uri, language_id="markdown", version=1, text=HOME)
    lsp_client.text_document_did_open(lsp.DidOpenTextDocumentParams(document))
    lsp_client.home = lsp.TextDocumentIdentifier(uri)
    # Until all notes are read.
    while not await lsp_client.workspace_symbol_async(lsp.WorkspaceSymbolParams("Old")):
        await asyncio.sleep(0.05)
    yield
    await lsp_client.shutdown_session()


@pytest.fixture(autouse=True)
def every_message_is_understood(caplog: pytest.LogCaptureFixture):
    yield
    records = caplog.get_records("setup") + caplog.get_records("call")
    assert not [own.getMessage() for own in records if own.levelno >= logging.WARNING]


def at(client, line: int, character: int) -> dict:
    return {"text_document": client.home, "position": lsp.Position(line, character)}


@pytest.mark.asyncio
async def test_completion(client: LanguageClient):
    found = await client.text_document_completion_async(lsp.CompletionParams(**at(client, 6, 7)))
    labels = [item.label for item in found.items]
    assert labels[0] == "Old"
    item = await client.completion_item_resolve_async(found.items[labels.index("Old")])
    assert item.documentation


@pytest.mark.asyncio
async def test_going_and_looking(client: LanguageClient):
    place = at(client, 2, 3)
    assert await client.text_document_definition_async(lsp.DefinitionParams(**place))
    assert await client.text_document_implementation_async(lsp.ImplementationParams(**place))
    assert await client.text_document_hover_async(lsp.HoverParams(**place))
    context = lsp.ReferenceContext(include_declaration=True)
    params = lsp.ReferenceParams(context=context, **place)
    assert len(await client.text_document_references_async(params)) == 4
    params = lsp.DocumentHighlightParams(**place)
    assert await client.text_document_document_highlight_async(params)
    params = lsp.DocumentLinkParams(client.home)
    assert len(await client.text_document_document_link_async(params)) == 2
    params = lsp.DocumentSymbolParams(client.home)
    assert await client.text_document_document_symbol_async(params)


@pytest.mark.asyncio
async def test_what_helps_to_read(client: LanguageClient):
    whole = lsp.Range(lsp.Position(0, 0), lsp.Position(7, 0))
    tokens = await client.text_document_semantic_tokens_full_async(
        lsp.SemanticTokensParams(client.home)
    )
    assert len(tokens.data) % 5 == 0 and tokens.data
    await client.text_document_inlay_hint_async(lsp.InlayHintParams(client.home, whole))
    assert await client.text_document_code_lens_async(lsp.CodeLensParams(client.home))
    await client.text_document_folding_range_async(lsp.FoldingRangeParams(client.home))
    params = lsp.SelectionRangeParams(client.home, [lsp.Position(2, 3)])
    assert await client.text_document_selection_range_async(params)
    params = lsp.CallHierarchyPrepareParams(**at(client, 2, 3))
    item = (await client.text_document_prepare_call_hierarchy_async(params))[0]
    assert await client.call_hierarchy_incoming_calls_async(
        lsp.CallHierarchyIncomingCallsParams(item)
    )


@pytest.mark.asyncio
async def test_diagnostics_and_their_fixes(client: LanguageClient):
    place = lsp.Range(lsp.Position(4, 2), lsp.Position(4, 2))
    context = lsp.CodeActionContext(diagnostics=[])
    params = lsp.CodeActionParams(client.home, place, context)
    actions = await client.text_document_code_action_async(params)
    makes = any("Create the note" in action.title for action in actions)
    assert makes == client.moves_files
    for action in actions:
        if action.edit is None and action.data is not None:
            assert (await client.code_action_resolve_async(action)).edit


@pytest.mark.asyncio
async def test_renames(client: LanguageClient):
    place = at(client, 2, 3)
    assert await client.text_document_prepare_rename_async(lsp.PrepareRenameParams(**place))
    if not client.moves_files:
        with pytest.raises(Exception, match="vaultmark.rename"):
            await client.text_document_rename_async(lsp.RenameParams(new_name="New", **place))
        return
    edit = await client.text_document_rename_async(lsp.RenameParams(new_name="New", **place))
    moves = [own for own in edit.document_changes if isinstance(own, lsp.RenameFile)]
    assert len(moves) == 2
    with pytest.raises(Exception, match="cannot hold"):
        await client.text_document_rename_async(lsp.RenameParams(new_name="a:b", **place))
