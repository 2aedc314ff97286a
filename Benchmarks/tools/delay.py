"""Stands between the daemon and Redis and holds back every answer: `delay.py LISTEN-SOCKET REDIS-SOCKET MILLISECONDS`.

What goes through it takes that long as often as it has to wait for Redis: so sequential round trips can be counted.
"""

import asyncio
import sys


async def hold_back(reader, writer, seconds):
    loop = asyncio.get_running_loop()
    while data := await reader.read(65536):
        # Later data never overtakes: all of it waits equally long.
        loop.call_later(seconds, writer.write, data)
    loop.call_later(seconds, writer.close)


async def pass_on(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


async def main():
    listen, redis, milliseconds = sys.argv[1], sys.argv[2], float(sys.argv[3])

    async def serve(reader, writer):
        upstream_reader, upstream_writer = await asyncio.open_unix_connection(redis)
        await asyncio.gather(
            pass_on(reader, upstream_writer), hold_back(upstream_reader, writer, milliseconds / 1000),
            return_exceptions=True)

    async with await asyncio.start_unix_server(serve, listen) as server:
        await server.serve_forever()


asyncio.run(main())
