"""Manifests as points of a Qdrant server, for several retrievers at once."""

import uuid
from collections.abc import Mapping
from dataclasses import replace

from qdrant_client import AsyncQdrantClient, models

from services.retriever.sites.manifest import Manifest, ManifestChanged
from services.retriever.store.port import Where
from services.retriever.store.server_requests import answer_of, filter_of, scroll


class ServerManifests:
    """Manifests as points of the collection `<prefix>_manifests`, for several retrievers at once."""

    def __init__(self, client: AsyncQdrantClient, prefix: str) -> None:
        self._client = client
        self._collection = f"{prefix}_manifests"
        self._made = False

    async def read_all(self) -> Mapping[str, Manifest]:
        await self._make()
        records = await scroll(self._client, self._collection, Where(), with_payload=["manifest"])
        manifests = [Manifest.from_json((record.payload or {})["manifest"]) for record in records]
        return {manifest.site: manifest for manifest in manifests}

    async def write(self, manifest: Manifest) -> Manifest:
        await self._make()
        written = replace(manifest, generation=manifest.generation + 1)
        write_id = uuid.uuid4().hex
        payload = {"generation": written.generation, "manifest": written.to_json(), "write_id": write_id}
        point = models.PointStruct(id=self._id(manifest.site), vector={}, payload=payload)
        unchanged = Where(any_of={"generation": (manifest.generation,)})
        # The server writes only if the generation is still the one we read: two retrievers cannot both win.
        await answer_of(self._client.upsert(self._collection, [point], wait=True, update_filter=filter_of(unchanged)))
        stored = await answer_of(self._client.retrieve(self._collection, [point.id], with_payload=True))
        if not stored or (stored[0].payload or {}).get("write_id") != write_id:
            raise ManifestChanged(manifest.site)
        return written

    async def delete(self, site: str) -> None:
        await self._make()
        await answer_of(self._client.delete(self._collection, models.PointIdsList(points=[self._id(site)]), wait=True))

    async def _make(self) -> None:
        if self._made:
            return
        if not await answer_of(self._client.collection_exists(self._collection)):
            await answer_of(self._client.create_collection(self._collection, vectors_config={}))
            generation = models.IntegerIndexParams(type=models.IntegerIndexType.INTEGER, lookup=True, range=False)
            await answer_of(self._client.create_payload_index(self._collection, "generation", generation))
        self._made = True

    def _id(self, site: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self._collection}/{site}"))
