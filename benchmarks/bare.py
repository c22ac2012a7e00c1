"""The smallest application of the same packages that answers from a database: what the API's memory is measured by."""

import os
from functools import partial

import asyncpg
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine(
    "postgresql+asyncpg://", async_creator=partial(asyncpg.connect, os.environ["BARE_DATABASE"])
)
app = FastAPI()


class Answer(BaseModel):
    one: int


@app.get("/")
async def one() -> Answer:
    async with engine.connect() as connection:
        return Answer(one=(await connection.execute(text("SELECT 1"))).scalar_one())
