namespace MLNetRecExt.Tool.Serving;

/// <summary>Where a catalogue stands: the file of items of a configuration.</summary>
/// <param name="Path">The file.</param>
/// <param name="Data">The configuration's word on its columns.</param>
internal sealed record ItemCatalogueFile(string Path, DataConfiguration Data);
