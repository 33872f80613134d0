/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `java Get connection|client URL`: gets the URL with java.net's old client or its new one. */
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

class Get {
	public static void main(String[] arguments) throws Exception {
		URI uri = URI.create(arguments[1]);

		if (arguments[0].equals("connection"))
			((HttpURLConnection) uri.toURL().openConnection()).getResponseCode();
		else
			HttpClient.newHttpClient().send(HttpRequest.newBuilder(uri).build(),
							BodyHandlers.discarding());
	}
}
